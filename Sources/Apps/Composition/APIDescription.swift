public import Core
internal import Web

/// The API's description, made from the whole route table.
///
/// - Parameter server: the base of every path: `PUBLIC_BASE_URL`, or `/`.
public func apiDescription(server: String) -> JSON {
    OpenAPI(title: "Reelgate", version: Product.version, server: server).document(routeTable())
}
