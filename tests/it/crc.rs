//! Every CRC of the catalogue by its name: one declaration each gives the catalogue's check value.

use longlink::{Auto, BytesMut, Parse, Wire};

#[path = "../../codec-derive/src/crc_names.rs"]
mod crc_names;

macro_rules! crcs {
    ($($name:ident $constant:ident $number:ident;)*) => {
        $(mod $name {
            use super::{Auto, Wire};

            #[derive(Debug, Clone, PartialEq, Wire)]
            pub(super) struct Covered {
                digits: [u8; 9],
                #[wire(checksum = $name, over = digits)]
                checksum: Auto<$number>,
            }
        })*

        /// "check" of the catalogue is the CRC of these nine bytes.
        #[test]
        fn each_name_gives_the_check_value_of_the_catalogue() {
            $({
                let covered = $name::Covered::new(*b"123456789");
                let mut out = BytesMut::new();
                covered.encode(&mut out).expect("nine bytes");
                let (digits, checksum) = out.split_at(9);
                assert_eq!(digits, b"123456789");
                assert_eq!(checksum, crc::$constant.check.to_be_bytes(), stringify!($name));
                assert_eq!($name::Covered::parse(&out), Ok((&[][..], covered)));
            })*
        }

        #[test]
        fn the_table_of_the_derive_has_these_names_and_no_others() {
            let known = [$((stringify!($name), stringify!($constant), stringify!($number))),*];
            let table = crc_names::CRCS.iter().map(|crc| {
                let number = format!("u{}", crc.bits);
                (crc.name, crc.constant, number)
            });
            let table: Vec<_> = table.collect();
            let known: Vec<_> = known.map(|(a, b, c)| (a, b, c.to_owned())).into_iter().collect();
            assert_eq!(table, known);
            $({
                let width = crc_names::find(stringify!($name)).map(|crc| crc.width);
                assert_eq!(width, Some(u32::from(crc::$constant.width)), stringify!($name));
            })*
        }
    };
}
crcs! {
    crc_3_gsm CRC_3_GSM u8;
    crc_3_rohc CRC_3_ROHC u8;
    crc_4_g_704 CRC_4_G_704 u8;
    crc_4_interlaken CRC_4_INTERLAKEN u8;
    crc_5_epc_c1g2 CRC_5_EPC_C1G2 u8;
    crc_5_g_704 CRC_5_G_704 u8;
    crc_5_usb CRC_5_USB u8;
    crc_6_cdma2000_a CRC_6_CDMA2000_A u8;
    crc_6_cdma2000_b CRC_6_CDMA2000_B u8;
    crc_6_darc CRC_6_DARC u8;
    crc_6_gsm CRC_6_GSM u8;
    crc_6_g_704 CRC_6_G_704 u8;
    crc_7_mmc CRC_7_MMC u8;
    crc_7_rohc CRC_7_ROHC u8;
    crc_7_umts CRC_7_UMTS u8;
    crc_8_autosar CRC_8_AUTOSAR u8;
    crc_8_bluetooth CRC_8_BLUETOOTH u8;
    crc_8_cdma2000 CRC_8_CDMA2000 u8;
    crc_8_darc CRC_8_DARC u8;
    crc_8_dvb_s2 CRC_8_DVB_S2 u8;
    crc_8_gsm_a CRC_8_GSM_A u8;
    crc_8_gsm_b CRC_8_GSM_B u8;
    crc_8_hitag CRC_8_HITAG u8;
    crc_8_i_432_1 CRC_8_I_432_1 u8;
    crc_8_i_code CRC_8_I_CODE u8;
    crc_8_lte CRC_8_LTE u8;
    crc_8_maxim_dow CRC_8_MAXIM_DOW u8;
    crc_8_mifare_mad CRC_8_MIFARE_MAD u8;
    crc_8_nrsc_5 CRC_8_NRSC_5 u8;
    crc_8_opensafety CRC_8_OPENSAFETY u8;
    crc_8_rohc CRC_8_ROHC u8;
    crc_8_sae_j1850 CRC_8_SAE_J1850 u8;
    crc_8_smbus CRC_8_SMBUS u8;
    crc_8_tech_3250 CRC_8_TECH_3250 u8;
    crc_8_wcdma CRC_8_WCDMA u8;
    crc_10_atm CRC_10_ATM u16;
    crc_10_cdma2000 CRC_10_CDMA2000 u16;
    crc_10_gsm CRC_10_GSM u16;
    crc_11_flexray CRC_11_FLEXRAY u16;
    crc_11_umts CRC_11_UMTS u16;
    crc_12_cdma2000 CRC_12_CDMA2000 u16;
    crc_12_dect CRC_12_DECT u16;
    crc_12_gsm CRC_12_GSM u16;
    crc_12_umts CRC_12_UMTS u16;
    crc_13_bbc CRC_13_BBC u16;
    crc_14_darc CRC_14_DARC u16;
    crc_14_gsm CRC_14_GSM u16;
    crc_15_can CRC_15_CAN u16;
    crc_15_mpt1327 CRC_15_MPT1327 u16;
    crc_16_arc CRC_16_ARC u16;
    crc_16_cdma2000 CRC_16_CDMA2000 u16;
    crc_16_cms CRC_16_CMS u16;
    crc_16_dds_110 CRC_16_DDS_110 u16;
    crc_16_dect_r CRC_16_DECT_R u16;
    crc_16_dect_x CRC_16_DECT_X u16;
    crc_16_dnp CRC_16_DNP u16;
    crc_16_en_13757 CRC_16_EN_13757 u16;
    crc_16_genibus CRC_16_GENIBUS u16;
    crc_16_gsm CRC_16_GSM u16;
    crc_16_ibm_3740 CRC_16_IBM_3740 u16;
    crc_16_ibm_sdlc CRC_16_IBM_SDLC u16;
    crc_16_iso_iec_14443_3_a CRC_16_ISO_IEC_14443_3_A u16;
    crc_16_kermit CRC_16_KERMIT u16;
    crc_16_lj1200 CRC_16_LJ1200 u16;
    crc_16_m17 CRC_16_M17 u16;
    crc_16_maxim_dow CRC_16_MAXIM_DOW u16;
    crc_16_mcrf4xx CRC_16_MCRF4XX u16;
    crc_16_modbus CRC_16_MODBUS u16;
    crc_16_nrsc_5 CRC_16_NRSC_5 u16;
    crc_16_opensafety_a CRC_16_OPENSAFETY_A u16;
    crc_16_opensafety_b CRC_16_OPENSAFETY_B u16;
    crc_16_profibus CRC_16_PROFIBUS u16;
    crc_16_riello CRC_16_RIELLO u16;
    crc_16_spi_fujitsu CRC_16_SPI_FUJITSU u16;
    crc_16_t10_dif CRC_16_T10_DIF u16;
    crc_16_teledisk CRC_16_TELEDISK u16;
    crc_16_tms37157 CRC_16_TMS37157 u16;
    crc_16_umts CRC_16_UMTS u16;
    crc_16_usb CRC_16_USB u16;
    crc_16_xmodem CRC_16_XMODEM u16;
    crc_17_can_fd CRC_17_CAN_FD u32;
    crc_21_can_fd CRC_21_CAN_FD u32;
    crc_24_ble CRC_24_BLE u32;
    crc_24_flexray_a CRC_24_FLEXRAY_A u32;
    crc_24_flexray_b CRC_24_FLEXRAY_B u32;
    crc_24_interlaken CRC_24_INTERLAKEN u32;
    crc_24_lte_a CRC_24_LTE_A u32;
    crc_24_lte_b CRC_24_LTE_B u32;
    crc_24_openpgp CRC_24_OPENPGP u32;
    crc_24_os_9 CRC_24_OS_9 u32;
    crc_30_cdma CRC_30_CDMA u32;
    crc_31_philips CRC_31_PHILIPS u32;
    crc_32_aixm CRC_32_AIXM u32;
    crc_32_autosar CRC_32_AUTOSAR u32;
    crc_32_base91_d CRC_32_BASE91_D u32;
    crc_32_bzip2 CRC_32_BZIP2 u32;
    crc_32_cd_rom_edc CRC_32_CD_ROM_EDC u32;
    crc_32_cksum CRC_32_CKSUM u32;
    crc_32_iscsi CRC_32_ISCSI u32;
    crc_32_iso_hdlc CRC_32_ISO_HDLC u32;
    crc_32_jamcrc CRC_32_JAMCRC u32;
    crc_32_mef CRC_32_MEF u32;
    crc_32_mpeg_2 CRC_32_MPEG_2 u32;
    crc_32_xfer CRC_32_XFER u32;
    crc_40_gsm CRC_40_GSM u64;
    crc_64_ecma_182 CRC_64_ECMA_182 u64;
    crc_64_go_iso CRC_64_GO_ISO u64;
    crc_64_ms CRC_64_MS u64;
    crc_64_nvme CRC_64_NVME u64;
    crc_64_redis CRC_64_REDIS u64;
    crc_64_we CRC_64_WE u64;
    crc_64_xz CRC_64_XZ u64;
    crc_82_darc CRC_82_DARC u128;
}
