internal import Core
internal import Fetch

/// The object store's own addresses, where the settings name one: nobody but us may read there.
extension SiteProbes {
    mutating func store(_ environment: [String: String]) {
        func value(_ names: String...) -> String? { names.compactMap { environment[$0] }.first { !$0.isEmpty } }
        guard let bucket = value("S3_BUCKET_NAME", "S3_BUCKET", "AWS_S3_BUCKET"),
            Slug(bucket.filter { $0 != "." }) != nil
        else { return }
        let region = value("AWS_REGION") ?? "us-east-1"
        let prefix = (value("S3_PREFIX") ?? "").split(separator: "/").joined(separator: "/")
        let folder = prefix.isEmpty ? "" : prefix + "/"
        var places: [(name: String, base: String, path: String)] = []
        if let endpoint = value("S3_ENDPOINT") {
            places.append(("endpoint", endpoint, "/\(bucket)/"))
        } else {
            places.append(("virtual", "https://\(bucket).s3.\(region).amazonaws.com", "/"))
            places.append(("path", "https://s3.\(region).amazonaws.com", "/\(bucket)/"))
        }
        for place in places {
            guard let origin = Origin(place.base) else { continue }
            let (host, port) = NginxRender.host(of: origin.description)
            var wire = Wire(host: host, port: port, secure: origin.description.hasPrefix("https:"))
            wire.milliseconds = site.wire.milliseconds
            let authority = String(origin.description.split(separator: "/").last ?? "")
            var objects = [("list", "\(place.path)?list-type=2"), ("policy", "\(place.path)?policy")]
            for target in targets { objects.append((target.kind.rawValue, "\(place.path)\(folder)hls/\(target.path)")) }
            objects.append(("original", "\(place.path)\(folder)originals/\(lesson.original ?? lesson.rel)"))
            for (name, target) in objects {
                add(
                    "store.\(place.name).\(name)", "the store's own address of \(name)",
                    SiteRequest(target, host: authority), expect: "403 or 404",
                    .storePublic, over: wire, judge: Judge.noSuccess(.storePublic))
            }
        }
    }
}
