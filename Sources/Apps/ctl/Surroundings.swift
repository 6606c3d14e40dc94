internal import Core
internal import Foundation
internal import POSIX
internal import Postgres

/// What the commands read of the world.
enum Surroundings {
    /// The settings of the environment.
    static func settings(_ need: Settings.Need = []) throws -> Settings {
        do throws(SettingsError) {
            return try Settings(Host.environment(), need: need)
        } catch { throw Failure("\n\(error)") }
    }

    /// A connection to the database of the settings.
    static func database() throws -> Connection {
        let settings = try settings(.database)
        return settings.databaseURL.reveal { Connection($0, application: "reelgate") }
    }
}
