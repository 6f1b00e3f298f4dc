//! Limits on the number of open connections, and the refusal of one connection too many.

/// Limits on the number of open connections.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Limit for all connections together.
    pub in_all: usize,
    /// Limit for one address of another machine.
    pub per_address: usize,
    /// Limit for one token. Does not apply if sign-in is off, nor to the shared secret of
    /// `--token`, which many may use.
    pub per_user: usize,
}

/// Limit that refused a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooManyConnections {
    /// Limit for all connections together.
    InAll,
    /// Limit for the client's address.
    FromAddress,
    /// Limit for the client's credential.
    OfUser,
}

impl TooManyConnections {
    /// Returns the message for the client.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InAll => "too many connections",
            Self::FromAddress => "too many connections from this address",
            Self::OfUser => "too many connections for this token",
        }
    }
}

impl std::fmt::Display for TooManyConnections {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::error::Error for TooManyConnections {}
