//! Calls of endpoints other than the query endpoints: metadata, exports, places.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde_json::Value as Json;

use super::{field::Field, traits::Query, traits::sealed::AsQuery};
use crate::request::spec::{CallSpec, QueryKind, QuerySpec};
use crate::{
    decode::raw::RawResponse,
    decode::response::Response,
    error::Error,
    facts::api::{ApiRef, StaticApi},
    facts::endpoint::EndpointInfo,
    facts::report::Report,
    facts::setting::Setting,
    json::object::FromObject,
    json::value::Value,
};

/// An endpoint of an API. Generated code implements it for one marker type per endpoint.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "not an endpoint",
    note = "endpoints are the unit structs in the generated client's module `endpoints`"
)]
pub trait Endpoint: Copy + Send + Sync + 'static {
    /// The API it belongs to.
    type Api: StaticApi;
    /// The type to read its response as.
    type Reply: FromObject;
    /// Its facts.
    const INFO: &'static EndpointInfo;
}

/// A call of the endpoint `E`.
///
/// With `GET`, keys fill the placeholders of the path, and the others become URL parameters. Otherwise they are the JSON body.
#[must_use = "a call is sent by `fetch`"]
#[derive(Clone)]
pub struct Call<E> {
    spec: QuerySpec,
    marker: PhantomData<fn() -> E>,
}

impl<E: Endpoint> Call<E> {
    /// A call without parameters.
    pub fn new(_: E) -> Self {
        Self { spec: QuerySpec::call(ApiRef(E::Api::SPEC), E::INFO), marker: PhantomData }
    }

    fn change(mut self, report: Option<&'static str>, change: impl FnOnce(&mut CallSpec)) -> Self {
        if let Some(report) = report {
            self.spec.subject.report = report;
        }
        if let QueryKind::Call(call) = &mut self.spec.kind {
            change(call);
        }
        self
    }

    /// Adds the name of a report, under this key.
    pub fn report<R: Report<Api = E::Api>>(self, _: R, key: Setting<&'static str>) -> Self {
        self.change(Some(R::SPEC.name), |call| call.report = Some((key, R::SPEC.name)))
    }

    /// Adds the names of a field and its report, under these keys.
    pub fn field<R, T, A>(
        self,
        field: Field<R, T, A>,
        report_key: Setting<&'static str>,
        field_key: Setting<&'static str>,
    ) -> Self
    where
        R: Report<Api = E::Api>,
    {
        self.change(Some(R::SPEC.name), |call| {
            call.report = Some((report_key, R::SPEC.name));
            call.field = Some((field_key, field.name()));
        })
    }

    /// Adds the body of a query, if the endpoint takes one.
    pub fn query<Q: Query<E::Api>>(self, query: &Q, whole: Setting<bool>) -> Self {
        let query = query.spec().clone();
        self.change(Some(query.subject.report), |call| call.query = Some((query, whole)))
    }

    /// Replaces everything set so far by this body: JSON, or the endpoint's request struct. Later settings add to it.
    pub fn body(mut self, request: impl Value) -> Self {
        let json = request.value_ref().to_json();
        self.spec.with.clear();
        self.change(None, |call| {
            *call = CallSpec { info: call.info, report: None, field: None, query: None, body: Some(json) };
        })
    }

    /// Adds another key.
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Json>) -> Self {
        self.spec.with.push((key.into(), value.into()));
        self
    }

    /// The facts of the endpoint.
    pub fn endpoint(&self) -> &'static EndpointInfo {
        E::INFO
    }
}

impl<E> PartialEq for Call<E> {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl<E> fmt::Debug for Call<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.spec).finish()
    }
}

impl<E: Clone> AsQuery for Call<E> {
    fn spec(&self) -> &QuerySpec {
        &self.spec
    }
}

#[diagnostic::do_not_recommend]
impl<E: Endpoint> Query<E::Api> for Call<E> {
    type Answer = Response<E::Reply>;

    fn read(response: RawResponse) -> Result<Response<E::Reply>, Error> {
        Ok(Response::new(response))
    }
}
