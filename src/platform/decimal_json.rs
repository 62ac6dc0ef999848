//! Exact decimals as JSON numbers.
//!
//! The core's decimals are integers of hundredths or thousandths. JSON numbers are written from them through
//! the shortest decimal that a double can hold; up to 15 significant digits that decimal is the exact one, and
//! no figure of this service is longer.
