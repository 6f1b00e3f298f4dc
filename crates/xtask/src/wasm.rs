//! Changes the names that a WebAssembly module imports and exports. Everything else stays
//! unchanged, byte for byte.

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasm_encoder::{ExportSection, ImportSection, Module, RawSection, Section};
use wasmparser::{Import, Parser, Payload};

/// Removes the exports for whose names `is_unused` returns true; code that only they refer to can
/// then be removed.
///
/// # Errors
/// The input is not a WebAssembly module.
pub(crate) fn without_exports(wasm: &[u8], is_unused: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
    rewritten(wasm, |payload| {
        let Payload::ExportSection(section) = payload else {
            return Ok(None);
        };
        let mut kept = ExportSection::new();
        for export in section.clone() {
            let export = export?;
            if !is_unused(export.name) {
                RoundtripReencoder.parse_export(&mut kept, export)?;
            }
        }
        Ok(Some(kept))
    })
}

/// Returns the names of the module's imports.
///
/// # Errors
/// The input is not a WebAssembly module.
pub(crate) fn import_names(wasm: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                names.push(import?.name.to_owned());
            }
        }
    }
    Ok(names)
}

/// Renames the module's imports.
///
/// # Errors
/// The input is not a WebAssembly module.
pub(crate) fn with_import_names(wasm: &[u8], name: impl Fn(&str) -> String) -> Result<Vec<u8>> {
    rewritten(wasm, |payload| {
        let Payload::ImportSection(section) = payload else {
            return Ok(None);
        };
        let mut renamed = ImportSection::new();
        for import in section.clone().into_imports() {
            let import = import?;
            let name = name(import.name);
            RoundtripReencoder.parse_import(
                &mut renamed,
                Import {
                    name: &name,
                    ..import
                },
            )?;
        }
        Ok(Some(renamed))
    })
}

/// Copies the module, replacing each section for which `other` returns a new one.
fn rewritten<S: Section>(
    wasm: &[u8],
    other: impl Fn(&Payload<'_>) -> Result<Option<S>>,
) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("not a WebAssembly module")?;
        if let Some(section) = other(&payload)? {
            module.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let data = wasm.get(range).context("a section is truncated")?;
            module.section(&RawSection { id, data });
        }
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, CustomSection, EntityType, ExportKind, Function, FunctionSection,
        ImportSection, TypeSection,
    };

    /// Builds a module that imports `a_12` and `b`, has one function, and exports it as `used` and
    /// as `unused`.
    fn module() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("env", "a_12", EntityType::Function(0));
        imports.import("env", "b", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        exports.export("used", ExportKind::Func, 2);
        exports.export("unused", ExportKind::Func, 2);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().end();
        code.function(&body);
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&exports)
            .section(&code)
            .section(&CustomSection {
                name: "reloc.CODE".into(),
                data: (&[1, 2, 3]).into(),
            });
        module.finish()
    }

    fn export_names(wasm: &[u8]) -> Vec<String> {
        let payloads = Parser::new(0).parse_all(wasm);
        let exports = payloads.filter_map(|payload| match payload.unwrap() {
            Payload::ExportSection(section) => Some(section),
            _ => None,
        });
        let exports = exports.flat_map(IntoIterator::into_iter);
        exports.map(|it| it.unwrap().name.to_owned()).collect()
    }

    #[test]
    fn only_the_exports_that_are_named_go() {
        let wasm = module();
        let without = without_exports(&wasm, |name| name == "unused").unwrap();
        assert_eq!(export_names(&without), ["used"]);
        assert_eq!(without_exports(&wasm, |_| false).unwrap(), wasm);
    }

    #[test]
    fn only_the_names_of_imports_change() {
        let wasm = module();
        let renamed = with_import_names(&wasm, |name| name.replace("_12", "")).unwrap();
        assert_eq!(import_names(&renamed).unwrap(), ["a", "b"]);
        assert_eq!(export_names(&renamed), export_names(&wasm));
        assert_eq!(with_import_names(&wasm, str::to_owned).unwrap(), wasm);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(without_exports(b"<html>", |_| false).is_err());
    }
}
