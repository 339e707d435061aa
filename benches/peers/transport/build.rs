//! Writes tonic's client and server, which its own builder does without protoc.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let method = |name: &str, route: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type("::eyelet_codec::proto::DetectionTask")
            .output_type("::eyelet_codec::proto::DetectionResult")
            .codec_path("::tonic_prost::ProstCodec")
    };
    let service = Service::builder()
        .name("Detection")
        .package("eyelet.v1")
        .method(method("detect", "Detect").build())
        .method(method("watch", "Watch").server_streaming().build())
        .build();
    Builder::new().compile(&[service]);
}
