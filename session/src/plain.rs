//! A protocol that is nothing but its frames.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use longlink_codec_core::{Frame, Parse, Roles};

use crate::protocol::{Established, Protocol, Refusal};
use crate::script::Script;

/// A protocol without a login, and without anything that the roles of its frames do not say:
/// sequence numbers, replies, heartbeats and acknowledgements are as declared; a heartbeat of the peer
/// is answered where the declared answer has no free field. A link is up as soon as it is connected. A frame that acknowledges and carries something besides comes out of the inbox
/// as well; one that [only acknowledges](Roles::only_acknowledges) does not.
///
/// `F` is what both sides send; `Plain<Command, Report>` sends the one and receives the other.
///
/// ```no_run
/// # use longlink_session::{Plain, Session};
/// # use longlink_codec_core::{Frame, Parse, Roles};
/// # fn example<Message>() where
/// #     Message: Frame<Context: Default + Send, Border: Send> + Roles + for<'a> Parse<'a> + Send + 'static {
/// let (link, inbox) = Session::builder(Plain::<Message>::make)
///     .endpoint("time.example.com:3700")
///     .spawn();
/// # }
/// ```
pub struct Plain<F, I = F>(PhantomData<fn() -> (F, I)>);

impl<F, I> Default for Plain<F, I> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<F, I> Plain<F, I> {
    /// For [`Session::builder`](crate::Session::builder), which wants one value for each connection.
    ///
    /// # Errors
    ///
    /// None: there are no credentials to fetch.
    pub fn make() -> Ready<Result<Self, Refusal>> {
        ready(Ok(Self::default()))
    }
}

impl<F, I> Protocol for Plain<F, I>
where
    F: Frame<Context: Default + Send, Border: Send> + Roles + Send + 'static,
    I: Frame<Context: Default + Send, Border: Send> + Roles + for<'a> Parse<'a> + Send + 'static,
{
    type Outgoing = F;
    type Incoming = I;
    type View<'a> = I;

    async fn handshake(&mut self, _: &mut Script<F, I>) -> Result<Established, Refusal> {
        Ok(Established::default())
    }
}
