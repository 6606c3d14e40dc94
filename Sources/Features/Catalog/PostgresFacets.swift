internal import Core
public import Postgres

extension PostgresCatalogStore {
    /// See `CatalogStore`.
    public func facets(_ wish: TitleWish) throws(DatabaseError) -> [Facet] {
        try bounded { () throws(DatabaseError) in
            var query: String?
            if let text = wish.search {
                let found = try search(text)
                if found.exact.isEmpty { return [] }
                query = found.answers > 0 || found.isLiteral ? found.prefix : try widened(found.plain) ?? found.prefix
            }
            return try counted(wish, query)
        }
    }

    /// A folded text's words with their mistakes forgiven; `nil` when that changes nothing.
    private func widened(_ plain: String) throws(DatabaseError) -> String? {
        try connection.query("select catalog_widened(\(plain))::text as widened").first?.optional("widened")
    }

    /// - Parameter query: a `tsquery`, or `nil`.
    private func counted(_ wish: TitleWish, _ query: String?) throws(DatabaseError) -> [Facet] {
        var condition = wish.condition
        if let query { condition += " and c.words @@ \(query)::tsquery" }
        let rows = try connection.query(
            """
            with found as materialized (
                select c.type, c.language, coalesce(c.release_year, 0) as year, c.required_level, c.maturity, c.genres
                from content c where \(condition)),
            counted as (
                select case when grouping(type) = 0 then 'type' when grouping(language) = 0 then 'language'
                        when grouping(year) = 0 then 'year' when grouping(required_level) = 0 then 'required_level'
                        else 'maturity' end as name,
                    coalesce(type, language, nullif(year, 0)::text, required_level, maturity, '') as value,
                    count(*) as titles
                from found group by grouping sets ((type), (language), (year), (required_level), (maturity))
                union all
                select 'genre', genre, count(*) from found, unnest(genres) genre group by genre),
            ranked as (
                select *, row_number() over (partition by name order by titles desc, value) as rank
                from counted where value <> '')
            select name, value, titles from ranked where rank <= 50 order by name, rank
            """)
        return try rows.map { (row) throws(DatabaseError) in
            Facet(name: try row.value("name"), value: try row.value("value"), count: try row.value("titles"))
        }
    }
}
