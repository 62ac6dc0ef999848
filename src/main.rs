fn main() -> std::process::ExitCode {
    iku::cli::main()
}
