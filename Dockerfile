# syntax=docker/dockerfile:1
# The service as an image: docker build -t copydesk .
# Pin both bases by digest where images must be reproducible.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
# The same list of packages as `make` uses; a change of the sources does not install them again.
COPY deploy/setup.sh deploy/setup.sh
RUN deploy/setup.sh image && rm -rf /var/lib/apt/lists/*
COPY . .
# Shown by /version and copydesk_build_info.
ARG REVISION=unknown
ENV COPYDESK_REVISION=${REVISION}
# `tls` builds its own OpenSSL, so that the image speaks TLS and SASL to any broker.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --profile dist --locked --features tls && \
    install -D -m 0755 target/dist/copydesk /image/usr/local/bin/copydesk && \
    install -d -m 0750 /image/var/lib/copydesk && \
    /image/usr/local/bin/copydesk --version

# glibc and libgcc, CA certificates, no shell, no package manager; user 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="copydesk" \
      org.opencontainers.image.description="Turns raw crawled pages on a Kafka topic into clean, deduplicated, structured article records" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/usr/local/bin/copydesk /usr/local/bin/copydesk
COPY --from=build /build/LICENSE-MIT /build/LICENSE-APACHE /usr/share/doc/copydesk/
# The index: a cache of the changelog, rebuilt from it where the volume is lost. A volume made from this
# folder belongs to the service's user, which is why the folder is copied as an entry of its parent: the
# owner of a copy's own target is not always set.
COPY --from=build --chown=65532:65532 /image/var/lib/ /var/lib/
VOLUME /var/lib/copydesk
# All other settings keep the defaults of config/default.toml.
ENV COPYDESK__DEDUP__INDEX_DIR=/var/lib/copydesk/index \
    COPYDESK__TELEMETRY__LISTEN=0.0.0.0:9600 \
    COPYDESK__TELEMETRY__LOG_FORMAT=json
EXPOSE 9600
USER 65532:65532
# Asks /readyz. Kubernetes ignores this and asks /livez, /readyz and /startupz on port 9600 itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m CMD ["copydesk", "healthcheck"]
ENTRYPOINT ["copydesk"]
CMD ["run"]
