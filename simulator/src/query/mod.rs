//! Reading queries: customers, filters, records and statistics queries, and the faults in them.

pub(crate) mod cursor;
pub(crate) mod customer_scope;
pub(crate) mod faults;
pub(crate) mod filter;
pub(crate) mod read_filter;
pub(crate) mod records_query;
pub(crate) mod refusal;
pub(crate) mod request_body;
pub(crate) mod statistics_query;
