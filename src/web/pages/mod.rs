//! One file a page: its struct, its handler, its form.
