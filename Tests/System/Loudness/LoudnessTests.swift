import Foundation
import Loudness
import Testing

@Suite struct LoudnessTests {
    @Test("EBU Tech 3341, case 1 and 2: a tone of 1 kHz at -23 and -33 dBFS in both channels", arguments: [-23.0, -33])
    func tones(level: Double) throws {
        let meter = try #require(LoudnessMeter(sampleRate: 48_000))
        let tone = (0..<48_000 * 20).map {
            Float(pow(10, level / 20) * sin(2 * Double.pi * 1000 * Double($0) / 48_000))
        }
        #expect(meter.add(tone, tone))
        #expect(abs(meter.integrated - level) < 0.1)
    }

    @Test func silenceAndNonsense() throws {
        let meter = try #require(LoudnessMeter(sampleRate: 44_100))
        #expect(meter.integrated == -70)
        #expect(meter.add([Float](repeating: .nan, count: 44_100), [Float](repeating: .infinity, count: 44_100)))
        #expect(meter.integrated == -70)
        #expect(LoudnessMeter(sampleRate: 0) == nil)
    }
}
