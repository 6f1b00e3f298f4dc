//! Schemas of types whose JSON differs from their fields, for the description of the API.

use std::borrow::Cow;

use utoipa::openapi::schema::Schema;
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

use crate::command::FlatResult;
use crate::message::Raw;
use crate::{AgentId, CommandResult, Epoch, Message, ProjectId, StreamId, TaskId, Timestamp};

/// Describes types that are texts on the wire.
macro_rules! texts {
    ($($type:ty),*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    schema::Object::with_type(schema::Type::String).into()
                }
            }

            impl ToSchema for $type {}
        )*
    };
}
texts!(AgentId, Epoch, ProjectId, StreamId, TaskId, Timestamp);

/// Describes a type by the type that it is read through, under a name of the API.
macro_rules! read_through {
    ($($type:ty: $raw:ty, $name:literal;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    <$raw>::schema()
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($name)
                }

                fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                    <$raw>::schemas(schemas);
                }
            }
        )*
    };
}
read_through! {
    CommandResult: FlatResult, "SocketResult";
    Message: Raw, "Event";
}
