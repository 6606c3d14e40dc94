internal import Web

/// What is decided about the page.
enum ReferenceRules {
    /// What the page may load and do: its own files, the document, and calls of this API.
    static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    /// The page.
    static let page = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>The API · Reelgate</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/api-docs/\(PageFile.styles.rawValue)">
        </head>
        <body>
        <main id="reference"></main>
        <noscript><p>The API's description is at <a href="/api-docs/openapi.json">/api-docs/openapi.json</a>.</p></noscript>
        <script src="/api-docs/\(PageFile.program.rawValue)"></script>
        <script src="/api-docs/\(PageFile.start.rawValue)"></script>
        </body>
        </html>

        """

    /// What starts Swagger UI: nothing is asked of other hosts, and no credential outlives the page.
    static let start = """
        SwaggerUIBundle({
          url: '/api-docs/openapi.json',
          dom_id: '#reference',
          deepLinking: true,
          persistAuthorization: false,
          validatorUrl: null,
        });

        """
}
