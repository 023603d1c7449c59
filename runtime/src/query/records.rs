//! Queries in the records format, answered by pages of rows.

use super::report_query::{QueryFormat, ReportQuery, Unranged};
use super::traits::Paged;
use crate::decode::page::{self, Page};
use crate::json::map::JsonRow;
use crate::json::object::FromObject;
use crate::request::spec::{FormatSpec, QueryKind};
use crate::{
    decode::raw::RawResponse,
    error::Error,
    facts::api::Api,
    facts::formats::RecordsFormat,
    facts::report::{AnyReport, Report},
};

/// A query for rows of the report `R`, of type `Row`.
pub type Records<R, Row> = ReportQuery<RecordsFormat, R, Row>;

/// A query for rows of a report known only at run time. Rows are JSON objects.
pub type JsonRecords = ReportQuery<RecordsFormat, AnyReport, JsonRow>;

impl QueryFormat for RecordsFormat {
    const NAME: &'static str = "Records";
    type Answer<T: FromObject> = Page<T>;

    fn read<T: FromObject>(response: RawResponse) -> Result<Page<T>, Error> {
        page::read_whole(response)
    }
}

impl Unranged for RecordsFormat {
    const START: FormatSpec = FormatSpec::Records { page_size: None, cursor: None, own_rows: true };
}

impl<R, Row> Records<R, Row> {
    /// Sets the number of rows per page.
    pub fn page_size(mut self, rows: u32) -> Self {
        if let QueryKind::Report(_, FormatSpec::Records { page_size, .. }) = &mut self.spec.kind {
            *page_size = Some(rows);
        }
        self
    }

    /// Starts at the page of a cursor, to resume where an earlier run ended.
    pub fn resume_from(mut self, cursor: impl Into<String>) -> Self {
        self.spec.set_cursor(cursor.into());
        self
    }
}

impl<R, Row> Records<R, Row> {
    /// The same query with another row type, such as [`JsonRow`] or a struct of fewer fields.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use harbour_api::{Client, Customers};
    /// # let server = placewise_simulator::Simulator::from_json(harbour_api::MODEL)?.start()?;
    /// # let client = Client::builder().base_url(server.url()).token("secret").customers(Customers::all()).build()?;
    /// use harbour_api::{Berths, Text, object};
    ///
    /// #[derive(Clone)]
    /// struct Named {
    ///     id: i64,
    ///     name: Option<Text>,
    /// }
    /// object! { Named: id, name }
    ///
    /// let berths = client.collect_all(Berths::records().rows_as::<Named>()).await?;
    /// println!("{} of {} have a name", berths.iter().filter(|berth| berth.name.is_some()).count(), berths.len());
    /// # Ok(()) }
    /// ```
    pub fn rows_as<Other: FromObject>(mut self) -> Records<R, Other> {
        if let QueryKind::Report(_, FormatSpec::Records { own_rows, .. }) = &mut self.spec.kind {
            *own_rows = false;
        }
        self.read_as()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Report, Row: FromObject> Paged<R::Api> for Records<R, Row> {
    type Row = Row;
}

#[diagnostic::do_not_recommend]
impl<A: Api, Row: FromObject> Paged<A> for Records<AnyReport, Row> {
    type Row = Row;
}
