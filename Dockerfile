# The version of the compiler is the version in rust-toolchain.toml. That file itself is not copied, because it would make
# rustup fetch lint components. aws-lc-sys and libsqlite3-sys need the C compiler of this image, tikv-jemalloc-sys also make.
FROM rust:1.95.0-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build

# Build the dependencies in a layer of their own. Only a changed manifest or lock file rebuilds it.
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
COPY benches/Cargo.toml benches/
COPY entity/Cargo.toml entity/
COPY examples/phone/Cargo.toml examples/phone/
COPY migration/Cargo.toml migration/
RUN mkdir -p src benches/load entity/src examples/phone/src migration/src \
 && touch src/lib.rs benches/core.rs benches/load/main.rs entity/src/lib.rs examples/phone/src/lib.rs migration/src/lib.rs \
 && echo 'fn main() {}' | tee src/main.rs >examples/phone/src/main.rs \
 && cargo build --release --locked --bin iku \
 && rm -r src benches entity/src examples/phone/src migration/src

COPY . .
# Touch the source files, because they may be older than the empty files that were just compiled.
RUN find src entity migration -name '*.rs' -exec touch {} + \
 && cargo build --release --locked --bin iku \
 && mkdir /data

FROM debian:12-slim
LABEL org.opencontainers.image.title="iku" \
      org.opencontainers.image.description="Indikator Kinerja Utama of a kecamatan, computed and explained down to the record" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /build/LICENSE-MIT /build/LICENSE-APACHE /usr/share/doc/iku/
COPY --from=build /build/src/shipped/README.md /usr/share/doc/iku/DATA-SOURCES.md
COPY --from=build --chown=10001:10001 /data /data
COPY --from=build --chown=10001:10001 /data /evidence
COPY --from=build /build/target/release/iku /usr/local/bin/iku

USER 10001:10001
WORKDIR /data
VOLUME /data
ENV IKU_HTTP_ADDR=0.0.0.0:8080 \
    IKU_DATABASE_URL=sqlite:///data/iku.db?mode=rwc \
    IKU_EVIDENCE_DIR=/data/evidence
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["iku", "healthcheck"]
ENTRYPOINT ["iku"]
CMD ["serve"]
