import Core
import Testing
import Web

@testable import Composition

/// The description of the whole table, as the product serves it.
@Suite("The API's description") struct APIDescriptionTests {
    static let document = apiDescription(server: "/")

    @Test("every route of the table is described, and its description fits it") func complete() {
        #expect(routeTable().flatMap(\.documentationFaults) == [])
    }

    @Test("one name is one schema, and one operation has one name") func unambiguous() {
        #expect(schemaConflicts(routeTable()) == [])
        guard case .object(let paths)? = Self.document["paths"] else {
            Issue.record("there are no paths")
            return
        }
        var operations: [String] = []
        for path in paths {
            guard case .object(let methods) = path.value else { continue }
            operations += methods.compactMap { $0.value["operationId"]?.string }
        }
        #expect(operations.count == routeTable().count)
        #expect(Set(operations).count == operations.count)
    }

    @Test("the same table gives the same bytes") func same() {
        #expect(apiDescription(server: "/").bytes == Self.document.bytes)
    }
}
