pub mod civil;
