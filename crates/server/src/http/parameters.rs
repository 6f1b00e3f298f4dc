//! Query strings, checked against the API's description before a handler sees them. A parameter
//! that is not described is refused, so that none is ever ignored and the description cannot lack
//! one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

use super::error::ApiError;
use super::fields::{UNKNOWN, unknown};
use crate::base_path::BasePath;
use crate::compat::problem::Problem;
use crate::limits::FAULTS_LISTED;

/// Query parameters of each operation.
#[derive(Debug)]
pub(super) struct Parameters {
    known: HashMap<String, Vec<(Method, Vec<String>)>>,
    base: BasePath,
}

impl Parameters {
    /// Returns the parameters of a description. Paths are looked up with the prefix `base`.
    pub(super) fn of(api: &OpenApi, base: BasePath) -> Self {
        let known = api.paths.paths.iter().map(|(path, item)| {
            let operations = [
                (Method::GET, &item.get),
                (Method::PUT, &item.put),
                (Method::POST, &item.post),
                (Method::PATCH, &item.patch),
                (Method::DELETE, &item.delete),
            ];
            let operations = operations.into_iter().filter_map(|(method, operation)| {
                let operation = operation.as_ref()?;
                Some((method, names(operation)))
            });
            (path.clone(), operations.collect())
        });
        Self {
            known: known.collect(),
            base,
        }
    }

    /// Returns the parameter names of an operation.
    fn known(&self, method: &Method, path: &str) -> Vec<&str> {
        let path = self
            .base
            .prefix()
            .and_then(|prefix| path.strip_prefix(prefix))
            .unwrap_or(path);
        // Axum answers HEAD with the handler of GET.
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let operations = self.known.get(path).into_iter().flatten();
        let mut operations = operations.filter(|(of, _)| of == method);
        operations
            .next()
            .map(|(_, names)| names.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }
}

fn names(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten();
    let names = parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => {
            Some(parameter.name.clone())
        }
        RefOr::T(_) | RefOr::Ref(_) => None,
    });
    names.collect()
}

/// Refuses a query string with a name unknown to the operation, or with bytes that are not text.
pub(super) async fn check(
    State(parameters): State<Arc<Parameters>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let query = request.uri().query().unwrap_or_default();
    if query.is_empty() {
        return next.run(request).await;
    }
    let known = parameters.known(request.method(), path.as_str());
    match refuse_unknown(query, &known) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn refuse_unknown(query: &str, known: &[&str]) -> Result<(), ApiError> {
    let given = read(query)?;
    let mut problems = Vec::new();
    for (name, value) in &given {
        if !known.contains(&name.as_str()) && problems.len() < FAULTS_LISTED {
            let place = [json!("query"), json!(name)];
            let msg = unknown("query parameter", name, known);
            problems.push(Problem::new(UNKNOWN, &place, msg, value));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(&problems))
    }
}

/// Reads a query string as a flat object of texts. A name that is given several times becomes a
/// list.
pub(super) fn read(query: &str) -> Result<Map<String, Value>, ApiError> {
    let mut object = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = text(name, name)?;
        let value = Value::String(text(&name, value)?);
        match object.get_mut(&name) {
            None => {
                object.insert(name, value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(object)
}

/// Decodes a part of a query string. Bytes that are not UTF-8 are refused, since their encoding is
/// unknown.
fn text(name: &str, encoded: &str) -> Result<String, ApiError> {
    let spaced = encoded.replace('+', " ");
    let bytes: Vec<u8> = percent_decode(spaced.as_bytes()).collect();
    String::from_utf8(bytes).map_err(|error| {
        let msg = format!(
            "Input should be UTF-8; the byte at position {} is invalid",
            error.utf8_error().valid_up_to()
        );
        let place = [json!("query"), json!(name)];
        ApiError::invalid(&[Problem::new("string_unicode", &place, msg, &json!(encoded))])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_description() {
        let parameters = Parameters::of(&crate::http::api().into_openapi(), BasePath::root());
        let known = parameters.known(&Method::GET, "/api/projects/{project}/tasks");
        assert!(known.contains(&"view"), "{known:?}");
        let head = parameters.known(&Method::HEAD, "/api/projects/{project}/tasks");
        assert_eq!(head, known);
        let none = parameters.known(&Method::DELETE, "/api/projects/{project}/tasks/{task}");
        assert!(none.is_empty(), "{none:?}");
    }

    #[test]
    fn what_is_given_several_times_is_a_list() {
        let read = read("a=1&b=x+y%2Bz&a=2&a=&c").unwrap();
        assert_eq!(
            Value::Object(read),
            json!({"a": ["1", "2", ""], "b": "x y+z", "c": ""})
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_position() {
        // "修复" in GBK.
        let refusal = read("title=a%D0%DE%B8%B4").unwrap_err();
        let refusal = format!("{refusal:?}");
        assert!(refusal.contains("position 1"), "{refusal}");
    }
}
