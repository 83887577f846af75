//! The names of all CRCs that `checksum = ..` knows: those of the catalogue of the `crc` crate 3.4
//! (crc-catalog 2.5), in lower case.
//!
//! The macro cannot ask that crate: a test of the facade compares this table with it.

/// A CRC by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crc {
    /// As it is written in a declaration.
    pub(crate) name: &'static str,
    /// The constant in the catalogue.
    pub(crate) constant: &'static str,
    /// Bits of the integer that holds it: 8, 16, 32, 64 or 128.
    pub(crate) bits: u32,
    /// Bits of the checksum itself: the field must have at least as many.
    pub(crate) width: u32,
}

/// The CRC of that name.
pub(crate) fn find(name: &str) -> Option<&'static Crc> {
    CRCS.iter().find(|crc| crc.name == name)
}

const fn crc(name: &'static str, constant: &'static str, bits: u32, width: u32) -> Crc {
    Crc { name, constant, bits, width }
}

/// The CRCs that people ask for, by width, the commonest first, and what else they are called.
pub(crate) const COMMON: &[(&str, &[&str])] = &[
    ("crc_8_smbus", &["CRC-8"]),
    ("crc_8_maxim_dow", &["MAXIM", "1-Wire"]),
    ("crc_8_sae_j1850", &[]),
    ("crc_8_tech_3250", &["EBU", "AES"]),
    ("crc_8_i_432_1", &["ITU", "ATM HEC"]),
    ("crc_8_cdma2000", &[]),
    ("crc_16_modbus", &[]),
    ("crc_16_ibm_3740", &["CCITT-FALSE"]),
    ("crc_16_xmodem", &["ZMODEM", "CCITT from 0"]),
    ("crc_16_kermit", &["CCITT-TRUE"]),
    ("crc_16_arc", &["IBM", "LHA"]),
    ("crc_16_ibm_sdlc", &["X-25"]),
    ("crc_16_spi_fujitsu", &["AUG-CCITT"]),
    ("crc_16_umts", &["BUYPASS"]),
    ("crc_16_maxim_dow", &["MAXIM"]),
    ("crc_16_genibus", &["EPC"]),
    ("crc_16_dnp", &[]),
    ("crc_24_openpgp", &[]),
    ("crc_32_iso_hdlc", &["zlib", "Ethernet"]),
    ("crc_32_iscsi", &["CRC-32C", "Castagnoli"]),
    ("crc_32_mpeg_2", &[]),
    ("crc_32_bzip2", &["AAL5"]),
    ("crc_32_cksum", &["POSIX"]),
    ("crc_64_xz", &["GO-ECMA"]),
    ("crc_64_ecma_182", &[]),
    ("crc_64_go_iso", &[]),
];

/// By width, then by name.
pub(crate) const CRCS: &[Crc] = &[
    crc("crc_3_gsm", "CRC_3_GSM", 8, 3),
    crc("crc_3_rohc", "CRC_3_ROHC", 8, 3),
    crc("crc_4_g_704", "CRC_4_G_704", 8, 4),
    crc("crc_4_interlaken", "CRC_4_INTERLAKEN", 8, 4),
    crc("crc_5_epc_c1g2", "CRC_5_EPC_C1G2", 8, 5),
    crc("crc_5_g_704", "CRC_5_G_704", 8, 5),
    crc("crc_5_usb", "CRC_5_USB", 8, 5),
    crc("crc_6_cdma2000_a", "CRC_6_CDMA2000_A", 8, 6),
    crc("crc_6_cdma2000_b", "CRC_6_CDMA2000_B", 8, 6),
    crc("crc_6_darc", "CRC_6_DARC", 8, 6),
    crc("crc_6_gsm", "CRC_6_GSM", 8, 6),
    crc("crc_6_g_704", "CRC_6_G_704", 8, 6),
    crc("crc_7_mmc", "CRC_7_MMC", 8, 7),
    crc("crc_7_rohc", "CRC_7_ROHC", 8, 7),
    crc("crc_7_umts", "CRC_7_UMTS", 8, 7),
    crc("crc_8_autosar", "CRC_8_AUTOSAR", 8, 8),
    crc("crc_8_bluetooth", "CRC_8_BLUETOOTH", 8, 8),
    crc("crc_8_cdma2000", "CRC_8_CDMA2000", 8, 8),
    crc("crc_8_darc", "CRC_8_DARC", 8, 8),
    crc("crc_8_dvb_s2", "CRC_8_DVB_S2", 8, 8),
    crc("crc_8_gsm_a", "CRC_8_GSM_A", 8, 8),
    crc("crc_8_gsm_b", "CRC_8_GSM_B", 8, 8),
    crc("crc_8_hitag", "CRC_8_HITAG", 8, 8),
    crc("crc_8_i_432_1", "CRC_8_I_432_1", 8, 8),
    crc("crc_8_i_code", "CRC_8_I_CODE", 8, 8),
    crc("crc_8_lte", "CRC_8_LTE", 8, 8),
    crc("crc_8_maxim_dow", "CRC_8_MAXIM_DOW", 8, 8),
    crc("crc_8_mifare_mad", "CRC_8_MIFARE_MAD", 8, 8),
    crc("crc_8_nrsc_5", "CRC_8_NRSC_5", 8, 8),
    crc("crc_8_opensafety", "CRC_8_OPENSAFETY", 8, 8),
    crc("crc_8_rohc", "CRC_8_ROHC", 8, 8),
    crc("crc_8_sae_j1850", "CRC_8_SAE_J1850", 8, 8),
    crc("crc_8_smbus", "CRC_8_SMBUS", 8, 8),
    crc("crc_8_tech_3250", "CRC_8_TECH_3250", 8, 8),
    crc("crc_8_wcdma", "CRC_8_WCDMA", 8, 8),
    crc("crc_10_atm", "CRC_10_ATM", 16, 10),
    crc("crc_10_cdma2000", "CRC_10_CDMA2000", 16, 10),
    crc("crc_10_gsm", "CRC_10_GSM", 16, 10),
    crc("crc_11_flexray", "CRC_11_FLEXRAY", 16, 11),
    crc("crc_11_umts", "CRC_11_UMTS", 16, 11),
    crc("crc_12_cdma2000", "CRC_12_CDMA2000", 16, 12),
    crc("crc_12_dect", "CRC_12_DECT", 16, 12),
    crc("crc_12_gsm", "CRC_12_GSM", 16, 12),
    crc("crc_12_umts", "CRC_12_UMTS", 16, 12),
    crc("crc_13_bbc", "CRC_13_BBC", 16, 13),
    crc("crc_14_darc", "CRC_14_DARC", 16, 14),
    crc("crc_14_gsm", "CRC_14_GSM", 16, 14),
    crc("crc_15_can", "CRC_15_CAN", 16, 15),
    crc("crc_15_mpt1327", "CRC_15_MPT1327", 16, 15),
    crc("crc_16_arc", "CRC_16_ARC", 16, 16),
    crc("crc_16_cdma2000", "CRC_16_CDMA2000", 16, 16),
    crc("crc_16_cms", "CRC_16_CMS", 16, 16),
    crc("crc_16_dds_110", "CRC_16_DDS_110", 16, 16),
    crc("crc_16_dect_r", "CRC_16_DECT_R", 16, 16),
    crc("crc_16_dect_x", "CRC_16_DECT_X", 16, 16),
    crc("crc_16_dnp", "CRC_16_DNP", 16, 16),
    crc("crc_16_en_13757", "CRC_16_EN_13757", 16, 16),
    crc("crc_16_genibus", "CRC_16_GENIBUS", 16, 16),
    crc("crc_16_gsm", "CRC_16_GSM", 16, 16),
    crc("crc_16_ibm_3740", "CRC_16_IBM_3740", 16, 16),
    crc("crc_16_ibm_sdlc", "CRC_16_IBM_SDLC", 16, 16),
    crc("crc_16_iso_iec_14443_3_a", "CRC_16_ISO_IEC_14443_3_A", 16, 16),
    crc("crc_16_kermit", "CRC_16_KERMIT", 16, 16),
    crc("crc_16_lj1200", "CRC_16_LJ1200", 16, 16),
    crc("crc_16_m17", "CRC_16_M17", 16, 16),
    crc("crc_16_maxim_dow", "CRC_16_MAXIM_DOW", 16, 16),
    crc("crc_16_mcrf4xx", "CRC_16_MCRF4XX", 16, 16),
    crc("crc_16_modbus", "CRC_16_MODBUS", 16, 16),
    crc("crc_16_nrsc_5", "CRC_16_NRSC_5", 16, 16),
    crc("crc_16_opensafety_a", "CRC_16_OPENSAFETY_A", 16, 16),
    crc("crc_16_opensafety_b", "CRC_16_OPENSAFETY_B", 16, 16),
    crc("crc_16_profibus", "CRC_16_PROFIBUS", 16, 16),
    crc("crc_16_riello", "CRC_16_RIELLO", 16, 16),
    crc("crc_16_spi_fujitsu", "CRC_16_SPI_FUJITSU", 16, 16),
    crc("crc_16_t10_dif", "CRC_16_T10_DIF", 16, 16),
    crc("crc_16_teledisk", "CRC_16_TELEDISK", 16, 16),
    crc("crc_16_tms37157", "CRC_16_TMS37157", 16, 16),
    crc("crc_16_umts", "CRC_16_UMTS", 16, 16),
    crc("crc_16_usb", "CRC_16_USB", 16, 16),
    crc("crc_16_xmodem", "CRC_16_XMODEM", 16, 16),
    crc("crc_17_can_fd", "CRC_17_CAN_FD", 32, 17),
    crc("crc_21_can_fd", "CRC_21_CAN_FD", 32, 21),
    crc("crc_24_ble", "CRC_24_BLE", 32, 24),
    crc("crc_24_flexray_a", "CRC_24_FLEXRAY_A", 32, 24),
    crc("crc_24_flexray_b", "CRC_24_FLEXRAY_B", 32, 24),
    crc("crc_24_interlaken", "CRC_24_INTERLAKEN", 32, 24),
    crc("crc_24_lte_a", "CRC_24_LTE_A", 32, 24),
    crc("crc_24_lte_b", "CRC_24_LTE_B", 32, 24),
    crc("crc_24_openpgp", "CRC_24_OPENPGP", 32, 24),
    crc("crc_24_os_9", "CRC_24_OS_9", 32, 24),
    crc("crc_30_cdma", "CRC_30_CDMA", 32, 30),
    crc("crc_31_philips", "CRC_31_PHILIPS", 32, 31),
    crc("crc_32_aixm", "CRC_32_AIXM", 32, 32),
    crc("crc_32_autosar", "CRC_32_AUTOSAR", 32, 32),
    crc("crc_32_base91_d", "CRC_32_BASE91_D", 32, 32),
    crc("crc_32_bzip2", "CRC_32_BZIP2", 32, 32),
    crc("crc_32_cd_rom_edc", "CRC_32_CD_ROM_EDC", 32, 32),
    crc("crc_32_cksum", "CRC_32_CKSUM", 32, 32),
    crc("crc_32_iscsi", "CRC_32_ISCSI", 32, 32),
    crc("crc_32_iso_hdlc", "CRC_32_ISO_HDLC", 32, 32),
    crc("crc_32_jamcrc", "CRC_32_JAMCRC", 32, 32),
    crc("crc_32_mef", "CRC_32_MEF", 32, 32),
    crc("crc_32_mpeg_2", "CRC_32_MPEG_2", 32, 32),
    crc("crc_32_xfer", "CRC_32_XFER", 32, 32),
    crc("crc_40_gsm", "CRC_40_GSM", 64, 40),
    crc("crc_64_ecma_182", "CRC_64_ECMA_182", 64, 64),
    crc("crc_64_go_iso", "CRC_64_GO_ISO", 64, 64),
    crc("crc_64_ms", "CRC_64_MS", 64, 64),
    crc("crc_64_nvme", "CRC_64_NVME", 64, 64),
    crc("crc_64_redis", "CRC_64_REDIS", 64, 64),
    crc("crc_64_we", "CRC_64_WE", 64, 64),
    crc("crc_64_xz", "CRC_64_XZ", 64, 64),
    crc("crc_82_darc", "CRC_82_DARC", 128, 82),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_constants_in_lower_case() {
        for crc in CRCS {
            assert_eq!(crc.name, crc.constant.to_lowercase());
            assert!(crc.width <= crc.bits && crc.bits <= 128, "{crc:?}");
        }
    }

    #[test]
    fn common_names_are_names() {
        for (name, _) in COMMON {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_is_found_or_not() {
        let expected = crc("crc_16_modbus", "CRC_16_MODBUS", 16, 16);
        assert_eq!(find("crc_16_modbus"), Some(&expected));
        assert_eq!(find("crc_16"), None);
    }
}
