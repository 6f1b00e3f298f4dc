//! Address and headers of the Model Context Protocol.

/// Path of the endpoint.
pub const PATH: &str = "/mcp";

/// Header with the project of a request. Without it, the request is about the token's project, or
/// the only one.
pub const TASKTREE_PROJECT: &str = "tasktree-project";
