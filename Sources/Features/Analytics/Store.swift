public import Postgres

/// Counts what the tables hold.
public protocol AnalyticsStore: AnyObject {
    /// What was watched.
    ///
    /// - Parameter window: seconds a stream counts after its last media.
    func viewing(_ scope: FigureScope, window: Int64) throws(DatabaseError) -> ViewingFigures
    /// What the operator has.
    func stock() throws(DatabaseError) -> StockFigures
}
