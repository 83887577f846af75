//! A layout as data: what `explain`, dissectors, diagrams and documents are made from.
//!
//! Each derive emits one constant [`Schema`]. It points to the schemas of other types by
//! `fn() -> &'static Schema`, so that it is `const`, generic and recursive at once.
//!
//! ```
//! # mod longlink { pub use longlink_codec_core as codec; }
//! use longlink::codec::schema::{Field, Layout, Schema, Shape};
//!
//! static HEADER: Schema = Schema::structure(
//!     "Header",
//!     &[Field::new("length", Layout::U32), Field::new("command", Layout::U16).hexadecimal()],
//! );
//! let Shape::Struct(fields) = HEADER.shape else { unreachable!() };
//! assert_eq!(fields.list[0].name, "length");
//! assert_eq!(fields.list[1].fixed_len(), Some(2));
//! ```

mod border;
mod field;
mod layout;
mod presence;
mod relation;
mod variant;

pub use border::{Border, BorderKind};
pub use field::{Field, FieldRole, Fields, Padding};
pub use layout::{Amount, BitValue, Bound, Counter, Layout, Literal, Time, VarintKind};
pub use presence::{Gate, Presence};
pub use relation::{Edge, Place, Relation, RelationKind, Span, Verify};
pub use variant::{TagSource, Tagging, Variant, VariantRole};

pub use crate::steps::Step;
use crate::wire::{Bits, Wire};

/// Another type's schema, as a function.
pub type SchemaOf = fn() -> &'static Schema;

/// The layout of a type.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The type's name in the declaration.
    pub name: &'static str,
    /// Its doc comment, lines joined by `\n`; empty: none.
    pub doc: &'static str,
    /// What it is made of.
    pub shape: Shape,
    /// The byte order of everything inside that does not say another.
    pub endian: ByteOrder,
    /// Masked wherever it is shown.
    pub secret: bool,
    /// The constant that it begins with.
    pub magic: Option<Literal>,
    /// The values that must be known besides the bytes: name and type, as declared.
    pub context: &'static [(&'static str, &'static str)],
    /// Conditions over the whole value, as declared.
    pub asserts: &'static [&'static str],
    /// The frame that this type is a borrowing twin of; empty: none.
    pub view_of: &'static str,
    /// How it stands on the stream; `None` for what stands inside of a frame only.
    pub border: Option<&'static Border>,
    /// No value is shorter, in bytes on the wire.
    pub min_len: usize,
    /// No value is longer, in bytes on the wire.
    pub max_len: Option<usize>,
    /// Every value has this many bytes on the wire.
    pub fixed_len: Option<usize>,
}

/// What a type is made of.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Fields, one after the other.
    Struct(Fields),
    /// One integer whose bits are fields.
    Bitfield {
        /// 1 to 64.
        bits: u32,
        /// A set of flags.
        flags: bool,
        /// All of [`Layout::Bits`].
        fields: Fields,
    },
    /// One of several layouts.
    Enum {
        /// Where the tag comes from.
        source: TagSource,
        /// In declaration order.
        variants: &'static [Variant],
    },
    /// An integer whose values have names.
    Number {
        /// Width in bits.
        bits: u32,
        /// Two's complement.
        signed: bool,
        /// In declaration order.
        variants: &'static [Variant],
    },
    /// A primitive.
    Leaf(Layout),
    /// The same bytes as another type (`Box<T>`).
    Boxed(SchemaOf),
    /// As many items as fit (`Vec<T>`, `Lazy<T>`).
    List(SchemaOf),
    /// A fixed number of items (`[T; N]`).
    Array(SchemaOf, usize),
    /// One after the other, without names.
    Tuple(&'static [SchemaOf]),
}

/// The byte order that a declaration states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ByteOrder {
    /// That of what is around it; big where nothing is.
    #[default]
    Inherited,
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
    /// Chosen at run time by this expression, as declared.
    Expression(&'static str),
}

/// The schema of a type, as a function: so a schema can be `const`, generic and recursive.
#[must_use]
pub const fn schema_of<T: Wire + ?Sized>() -> &'static Schema {
    T::SCHEMA
}

/// The schema of a type that stands inside a run of bits.
#[must_use]
pub const fn bits_schema_of<T: Bits>() -> &'static Schema {
    <T as Bits>::SCHEMA
}

/// A checksum as the number that a schema computes; of one wider than 64 bits the lowest 64.
#[doc(hidden)]
#[must_use]
pub fn checksum_value(value: impl Into<u128>) -> u64 {
    u64::try_from(value.into() & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

impl Schema {
    /// A type of this shape; everything else is at its default.
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape) -> Self {
        Self {
            name,
            doc: "",
            shape,
            endian: ByteOrder::Inherited,
            secret: false,
            magic: None,
            context: &[],
            asserts: &[],
            view_of: "",
            border: None,
            min_len: 0,
            max_len: None,
            fixed_len: None,
        }
    }

    /// A struct of these fields, without relations.
    #[must_use]
    pub const fn structure(name: &'static str, list: &'static [Field]) -> Self {
        Self::new(name, Shape::Struct(Fields::new(list)))
    }

    /// A primitive type. Its sizes follow from the layout.
    #[must_use]
    pub const fn leaf(name: &'static str, layout: Layout) -> Self {
        let fixed = layout.fixed_len();
        let schema = Self::new(name, Shape::Leaf(layout));
        match fixed {
            Some(len) => schema.sized(len, Some(len), Some(len)),
            None => schema,
        }
    }

    /// `Box<T>`.
    #[must_use]
    pub const fn boxed(of: SchemaOf) -> Self {
        Self::new("Box", Shape::Boxed(of))
    }

    /// `Vec<T>` and `Lazy<T>`: items up to the end.
    #[must_use]
    pub const fn list(name: &'static str, item: SchemaOf) -> Self {
        Self::new(name, Shape::List(item))
    }

    /// `[T; N]`.
    #[must_use]
    pub const fn array<T: Wire, const N: usize>() -> Self {
        let fixed = match T::FIXED_LEN {
            Some(len) => len.checked_mul(N),
            None => None,
        };
        let max = match T::MAX_LEN {
            Some(len) => len.checked_mul(N),
            None => None,
        };
        Self::new("array", Shape::Array(schema_of::<T>, N)).sized(
            T::MIN_LEN.saturating_mul(N),
            max,
            fixed,
        )
    }

    /// The sizes of a declared type: those of its `Wire` implementation.
    #[must_use]
    pub const fn of<T: Wire + ?Sized>(self) -> Self {
        self.sized(T::MIN_LEN, T::MAX_LEN, T::FIXED_LEN)
    }

    /// These sizes, in bytes on the wire.
    #[must_use]
    pub const fn sized(mut self, min: usize, max: Option<usize>, fixed: Option<usize>) -> Self {
        self.min_len = min;
        self.max_len = max;
        self.fixed_len = fixed;
        self
    }

    /// With this doc comment.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// With this byte order inside.
    #[must_use]
    pub const fn endian(mut self, endian: ByteOrder) -> Self {
        self.endian = endian;
        self
    }

    /// Masked wherever it is shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Begins with this constant.
    #[must_use]
    pub const fn magic(mut self, magic: Literal) -> Self {
        self.magic = Some(magic);
        self
    }

    /// Needs these values besides the bytes.
    #[must_use]
    pub const fn context(mut self, context: &'static [(&'static str, &'static str)]) -> Self {
        self.context = context;
        self
    }

    /// Must satisfy these conditions.
    #[must_use]
    pub const fn asserts(mut self, asserts: &'static [&'static str]) -> Self {
        self.asserts = asserts;
        self
    }

    /// Is a borrowing twin of this frame.
    #[must_use]
    pub const fn view_of(mut self, frame: &'static str) -> Self {
        self.view_of = frame;
        self
    }

    /// Stands on the stream by itself.
    #[must_use]
    pub const fn border(mut self, border: &'static Border) -> Self {
        self.border = Some(border);
        self
    }

    /// The fields of a struct or bitfield; none for other shapes.
    #[must_use]
    pub const fn fields(&self) -> Option<&Fields> {
        match &self.shape {
            Shape::Struct(fields) | Shape::Bitfield { fields, .. } => Some(fields),
            _ => None,
        }
    }

    /// The variants of an enum; empty for other shapes.
    #[must_use]
    pub const fn variants(&self) -> &'static [Variant] {
        match self.shape {
            Shape::Enum { variants, .. } | Shape::Number { variants, .. } => variants,
            _ => &[],
        }
    }
}
