public import Web

/// A file of the page, by the name it has in the address.
public enum PageFile: String, CaseIterable, Sendable {
    /// Swagger UI's styles.
    case styles = "swagger-ui.css"
    /// Swagger UI itself.
    case program = "swagger-ui-bundle.js"
    /// What starts it here.
    case start = "start.js"

    /// The files that come from the installed package.
    static let installed: [PageFile] = [.styles, .program]

    /// What it is served as.
    var contentType: String {
        self == .styles ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8"
    }
}

extension PageFile: PathArgument {
    /// One of the files.
    public init?(pathArgument text: String) { self.init(rawValue: text) }
    /// One of the files.
    public static var pathSchema: Schema { .oneOf(PageFile.self) }
}
