//! One field, and the fields of a type.

use super::{Amount, BitValue, Bound, ByteOrder, Gate, Layout, Presence, Relation, SchemaOf};
use crate::varint::Overlong;

/// The fields of a struct, a variant or a bitfield, with all that holds between them.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// In declaration order, which is wire order. Adjacent fields of [`Layout::Bits`] make runs:
    /// a run begins where none is open and ends when its widths add up to its bytes.
    pub list: &'static [Field],
    /// Relations between them.
    pub relations: &'static [Relation],
}

impl Fields {
    /// No fields.
    pub const NONE: Self = Self::new(&[]);

    /// Fields without relations.
    #[must_use]
    pub const fn new(list: &'static [Field]) -> Self {
        Self { list, relations: &[] }
    }

    /// With these relations.
    #[must_use]
    pub const fn relations(mut self, relations: &'static [Relation]) -> Self {
        self.relations = relations;
        self
    }
}

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// In the declaration; `0`, `1` … in tuples.
    pub name: &'static str,
    /// Its doc comment, lines joined by `\n`; empty: none.
    pub doc: &'static str,
    /// Of the value (`km/h`); empty: none.
    pub unit: &'static str,
    /// Shown in hexadecimal.
    pub hexadecimal: bool,
    /// Masked wherever it is shown.
    pub secret: bool,
    /// Kept on a round trip, zero when new.
    pub reserved: bool,
    /// It is the tag of its variant and takes no bytes.
    pub is_tag: bool,
    /// Its value follows from other fields.
    pub derived: bool,
    /// What it looks like.
    pub layout: Layout,
    /// Its bytes would be a value of this type, were they not malformed: they may hold its secrets.
    pub stands_for: Option<SchemaOf>,
    /// Its byte order, where it is not its parent's.
    pub endian: ByteOrder,
    /// Where it ends.
    pub bounds: &'static [Bound],
    /// When it is there.
    pub presence: Presence,
    /// It exists only under this context.
    pub gate: Gate,
    /// The value must be this, as declared; empty: any.
    pub fixed: &'static str,
    /// The value must match this pattern or condition, as declared; empty: any.
    pub valid: &'static str,
    /// Conditions over it and the fields before it, as declared.
    pub asserts: &'static [&'static str],
    /// Its bytes are transformed by this (`zlib`, a path); empty: they are not.
    pub process: &'static str,
    /// They are transformed only when this holds; empty: always.
    pub process_if: &'static str,
    /// The tag of the enum that it holds, as declared; empty: see the relations.
    pub select: &'static str,
    /// When this holds the enum's `other` takes the raw bytes; empty: never.
    pub opaque_if: &'static str,
    /// What is longer goes in fragments.
    pub split: Option<Split>,
    /// Bytes around it.
    pub padding: Padding,
    /// What a session needs to know of it.
    pub role: Option<FieldRole>,
}

impl Field {
    /// A field of this layout; everything else is at its default.
    #[must_use]
    pub const fn new(name: &'static str, layout: Layout) -> Self {
        Self {
            name,
            doc: "",
            unit: "",
            hexadecimal: false,
            secret: false,
            reserved: false,
            is_tag: false,
            derived: false,
            layout,
            stands_for: None,
            endian: ByteOrder::Inherited,
            bounds: &[],
            presence: Presence::Always,
            gate: Gate::NONE,
            fixed: "",
            valid: "",
            asserts: &[],
            process: "",
            process_if: "",
            select: "",
            opaque_if: "",
            split: None,
            padding: Padding::NONE,
            role: None,
        }
    }

    /// Bytes of every value, padding excluded; `None` where values differ, where the field may be
    /// absent, and for bits, which count for their run.
    #[must_use]
    pub fn fixed_len(&self) -> Option<usize> {
        if self.is_tag {
            return Some(0);
        }
        if !self.presence.is_always() || !self.gate.is_none() || !self.process.is_empty() {
            return None;
        }
        match self.bounds {
            [] => {}
            [Bound::Size(Amount::Fixed(size))] => return usize::try_from(*size).ok(),
            _ => return None,
        }
        match self.layout {
            Layout::Nested(of) | Layout::Map(of) => of().fixed_len,
            Layout::Bits { value: BitValue::Type(_), .. } => None,
            layout => layout.fixed_len(),
        }
    }

    /// What decoding and encoding again may change: `trim`, `lossy`, `overlong = accept`, and
    /// compression are the only attributes that give up byte identity.
    #[must_use]
    pub const fn keeps_bytes(&self) -> bool {
        let lossless = match self.layout {
            Layout::Text { trim, lossy, .. } => !trim && !lossy,
            Layout::Varint { overlong, .. } => !matches!(overlong, Overlong::Accept),
            _ => true,
        };
        lossless && !matches!(self.process.as_bytes(), b"zlib")
    }

    /// With this doc comment.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// In this unit.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Shown in hexadecimal.
    #[must_use]
    pub const fn hexadecimal(mut self) -> Self {
        self.hexadecimal = true;
        self
    }

    /// Masked wherever it is shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Kept on a round trip, zero when new.
    #[must_use]
    pub const fn reserved(mut self) -> Self {
        self.reserved = true;
        self
    }

    /// The tag of its variant, which takes no bytes.
    #[must_use]
    pub const fn tag(mut self) -> Self {
        self.is_tag = true;
        self
    }

    /// Follows from other fields.
    #[must_use]
    pub const fn derived(mut self) -> Self {
        self.derived = true;
        self
    }

    /// Holds the bytes of what would be a value of this type.
    #[must_use]
    pub const fn stands_for(mut self, of: SchemaOf) -> Self {
        self.stands_for = Some(of);
        self
    }

    /// In this byte order.
    #[must_use]
    pub const fn endian(mut self, endian: ByteOrder) -> Self {
        self.endian = endian;
        self
    }

    /// Ends by these.
    #[must_use]
    pub const fn bounds(mut self, bounds: &'static [Bound]) -> Self {
        self.bounds = bounds;
        self
    }

    /// There only then.
    #[must_use]
    pub const fn presence(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// Only under this context.
    #[must_use]
    pub const fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Must be this.
    #[must_use]
    pub const fn fixed(mut self, fixed: &'static str) -> Self {
        self.fixed = fixed;
        self
    }

    /// Must match this.
    #[must_use]
    pub const fn valid(mut self, valid: &'static str) -> Self {
        self.valid = valid;
        self
    }

    /// Must satisfy these.
    #[must_use]
    pub const fn asserts(mut self, asserts: &'static [&'static str]) -> Self {
        self.asserts = asserts;
        self
    }

    /// Transformed by this.
    #[must_use]
    pub const fn process(mut self, process: &'static str) -> Self {
        self.process = process;
        self
    }

    /// Transformed only when this holds.
    #[must_use]
    pub const fn process_if(mut self, condition: &'static str) -> Self {
        self.process_if = condition;
        self
    }

    /// The tag comes from this expression.
    #[must_use]
    pub const fn select(mut self, select: &'static str) -> Self {
        self.select = select;
        self
    }

    /// Raw bytes when this holds.
    #[must_use]
    pub const fn opaque_if(mut self, condition: &'static str) -> Self {
        self.opaque_if = condition;
        self
    }

    /// In fragments of at most `limit` bytes, each with its place in the field `place`.
    #[must_use]
    pub const fn split(mut self, place: &'static str, limit: &'static str) -> Self {
        self.split = Some(Split { place, limit });
        self
    }

    /// With so many zero bytes before and behind it, and its place a multiple of `align` from the
    /// start of the type (0 and 1: anywhere).
    #[must_use]
    pub const fn padding(mut self, before: u16, after: u16, align: u16) -> Self {
        self.padding = Padding { before, after, align };
        self
    }

    /// With this role.
    #[must_use]
    pub const fn role(mut self, role: FieldRole) -> Self {
        self.role = Some(role);
        self
    }
}

/// A field that is cut into fragments when it is too long for one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// The field that holds the place of a fragment.
    pub place: &'static str,
    /// Bytes of the longest fragment, as declared.
    pub limit: &'static str,
}

/// Zero bytes around a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// Before it.
    pub before: u16,
    /// Behind it.
    pub after: u16,
    /// Its offset in the type is a multiple of this; 0 and 1: any.
    pub align: u16,
}

impl Padding {
    /// None.
    pub const NONE: Self = Self { before: 0, after: 0, align: 0 };
}

/// What a session needs to know of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldRole {
    /// The number that the sender gave the frame.
    Sequence,
    /// The number that this frame acknowledges.
    Acknowledges,
    /// The number of the request that this frame answers.
    RepliesTo,
    /// Index of this fragment.
    FragmentIndex,
    /// Number of fragments.
    FragmentTotal,
    /// More fragments follow.
    FragmentMore,
    /// This is the last fragment.
    FragmentLast,
    /// Chosen at run time by this expression, as declared.
    Choice(&'static str),
}
