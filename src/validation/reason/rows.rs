//! How the table is made.

/// Makes the enum and the table from one list, so that neither can lack a row of the other. The list is put
/// together from those in `table`.
macro_rules! reasons {
    ({ $($code:ident $name:literal $severity:ident
        $message:literal $message_zh:literal => $action:literal $action_zh:literal;)+ }) => {
        /// Why a verdict is what it is. Append-only.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReasonCode {
            $(#[doc = $message] $code,)+
        }

        /// Every reason, in the order in which they were introduced.
        pub const REASONS: &[ReasonEntry] = &[$(*ReasonCode::$code.entry(),)+];

        impl ReasonCode {
            /// The row of this code.
            #[must_use]
            pub const fn entry(self) -> &'static ReasonEntry {
                match self {
                    $(Self::$code => &ReasonEntry {
                        code: Self::$code,
                        name: $name,
                        severity: Severity::$severity,
                        message: $message,
                        message_zh: $message_zh,
                        action: $action,
                        action_zh: $action_zh,
                    },)+
                }
            }
        }
    };
}

pub(super) use reasons;
