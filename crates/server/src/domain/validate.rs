//! Checks of single fields, with the field's name in the error.
