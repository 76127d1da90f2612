//! The JSON API, the pages and the operational endpoints.
