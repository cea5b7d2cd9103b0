# syntax=docker/dockerfile:1
# The image of Hookgate: its static programs, and nothing else.
FROM rust:1.89-slim-bookworm AS build
WORKDIR /src
COPY . .
# Naming the target keeps crt-static away from the procedural macros, which can't be static.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    target=$(rustc -vV | sed -n 's/^host: //p') && \
    RUSTFLAGS='-C target-feature=+crt-static' cargo build --locked --release --target "$target" \
        --package hookgate-cli --package hookgate-operator --package hookgate-runner --package hookgate-webhook && \
    mkdir -p /out/usr/local/bin /out/etc && \
    for program in hookgate hookgate-operator hookgate-runner hookgate-webhook; do \
        cp "target/$target/release/$program" /out/usr/local/bin/; \
    done && \
    printf 'root:x:0:0:root:/:/nonexistent\nhookgate:x:65532:65532:hookgate:/:/nonexistent\n' >/out/etc/passwd && \
    printf 'root:x:0:\nhookgate:x:65532:\n' >/out/etc/group && \
    install -d -m 1777 /out/tmp

FROM scratch
COPY --from=build /out/ /
ENV PATH=/usr/local/bin
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/hookgate"]
