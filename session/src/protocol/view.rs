//! What is parsed in place from received bytes.

use longlink_codec_core::{DecodeError, Frame, Parse, Roles, Scope, Wire};

use super::{Acknowledges, Inbound, Key, Meaning};

/// What is parsed in place from the received bytes: the frame itself, or a type that borrows.
///
/// Every owned frame is its own view. `#[wire(view_of = Message)]` on a borrowing struct makes it
/// a view of `Message`.
pub trait View<'a>: Roles + Sized {
    /// The owned frame.
    type Owned: Wire;
    /// It may hold `Bytes`, which are slices of a shared buffer where there is one: what an inbox
    /// keeps is then parsed from a copy. Default: as the owned frame does.
    const SHARES: bool = <Self::Owned as Wire>::SHARES;

    /// Exactly one frame, border included.
    ///
    /// # Errors
    /// Malformed input, or bytes left over.
    fn parse(
        frame: &'a [u8],
        scope: Scope<'_>,
        context: &<Self::Owned as Wire>::Context,
    ) -> Result<Self, DecodeError>;

    /// The owned frame.
    fn into_owned(self) -> Self::Owned;

    /// The view of a frame that exists only as an owned value: joined from fragments. Default: a
    /// view that borrows has nothing to borrow from.
    ///
    /// # Errors
    /// The frame; it is then handed on without being classified.
    fn of(frame: Self::Owned) -> Result<Self, Self::Owned> {
        Err(frame)
    }

    /// What the frame means, by its roles. One that [only acknowledges](Roles::only_acknowledges)
    /// means nothing beyond that: it settles what it names, and comes out of no inbox.
    fn inbound(&self) -> Inbound {
        let mut acknowledges = self.acknowledges();
        let is = if self.is_heartbeat() {
            Meaning::Heartbeat
        } else if self.is_heartbeat_reply() {
            Meaning::HeartbeatReply
        } else if let Some(key) = self.replies_to() {
            if acknowledges.is_none() && self.only_acknowledges() {
                acknowledges = Some(key);
                Meaning::Nothing
            } else {
                Meaning::Reply(Key(key))
            }
        } else if acknowledges.is_some() && self.only_acknowledges() {
            Meaning::Nothing
        } else {
            Meaning::Push
        };
        let acknowledges = acknowledges.map(|key| Acknowledges::One(Key(key)));
        Inbound { acknowledges, is, counted: self.sequence().is_some() }
    }
}

impl<'a, F: Frame + Roles + Parse<'a>> View<'a> for F {
    type Owned = F;

    #[inline]
    fn parse(frame: &'a [u8], scope: Scope<'_>, context: &F::Context) -> Result<F, DecodeError> {
        F::exact_in(frame, scope, context)
    }

    #[inline]
    fn into_owned(self) -> F {
        self
    }

    fn of(frame: F) -> Result<F, F> {
        Ok(frame)
    }
}
