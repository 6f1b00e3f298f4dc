//! Measures the memory and elements that a board costs the browser.

use anyhow::{Context, Result};
use serde_json::json;

use super::project::Project;
use crate::bench::Figure;
use crate::{Board, Browser};

/// Maximum number of elements in the document, whatever the number of tasks.
const ELEMENTS_GOAL: f64 = 6_000.0;

/// Bytes of a MiB.
pub(super) const MIB: f64 = 1024.0 * 1024.0;

/// Measures the elements and memory of a page after a garbage collection.
pub(super) async fn run(board: &Board, project: &Project) -> Result<Vec<Figure>> {
    let browser = &board.browser;
    browser
        .devtools("HeapProfiler.collectGarbage", json!({}))
        .await?;
    let elements = board.count("*").await? as f64;
    let tasks = project.tasks;
    Ok(vec![
        Figure::new(
            format!("elements in the document, {tasks} tasks"),
            elements,
            "",
        )
        .at_most(ELEMENTS_GOAL),
        Figure::new(
            format!("heap of JavaScript, {tasks} tasks"),
            heap(browser).await? / MIB,
            "MiB",
        ),
        Figure::new(
            format!("memory of WebAssembly, {tasks} tasks"),
            wasm(browser).await? / MIB,
            "MiB",
        ),
    ])
}

/// Returns the size of the JavaScript heap in bytes, without the memory of WebAssembly.
async fn heap(browser: &Browser) -> Result<f64> {
    browser.devtools("Performance.enable", json!({})).await?;
    let answer = browser
        .devtools("Performance.getMetrics", json!({}))
        .await?;
    let metrics = answer["metrics"].as_array();
    metrics
        .and_then(|all| all.iter().find(|one| one["name"] == "JSHeapUsedSize"))
        .and_then(|metric| metric["value"].as_f64())
        .context("Chrome does not say how large the heap is")
}

/// Returns the size of the WebAssembly memory in bytes. Both parts of the program share one memory;
/// the script that started the first part returns its exports when it is called again.
pub(super) async fn wasm(browser: &Browser) -> Result<f64> {
    let memory = json!({
        "expression": "wasmBindings.initSync().memory.buffer.byteLength",
        "returnByValue": true,
    });
    let answer = browser.devtools("Runtime.evaluate", memory).await?;
    answer["result"]["value"]
        .as_f64()
        .context("the page does not say how large its memory is")
}
