using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Migrator.Core.Archives;

/// <summary>Where a snapshot lies, and what its name says of it. Anyone who can write to the store can say anything in a name:
/// <see cref="Archive.ReadAsync(SnapshotName, CancellationToken)"/> compares it with the snapshot.</summary>
/// <param name="Name">Of the blob: <c>snapshots/MAILBOX/SEQUENCE-TIME-STATE-ID</c>.</param>
/// <param name="Mailbox">What the account's snapshots are filed under.</param>
/// <param name="Time">When it was written by the writer's clock, to the millisecond.</param>
/// <param name="Id">What a person types to name it.</param>
public sealed record SnapshotName(string Name, string Mailbox, long Sequence, DateTimeOffset Time, SnapshotState State, string Id)
{
    private const string TimeFormat = "yyyyMMdd't'HHmmssfff'z'";
    private const int SequenceLength = 10;
    private const int IdLength = 16;
    private const string States = "cpi";

    /// <summary>Of the name: takes a tenth of its memory.</summary>
    public Guid Digest => new(SHA256.HashData(Encoding.UTF8.GetBytes(Name)).AsSpan(0, 16));

    /// <param name="mailbox">What the account's snapshots are filed under.</param>
    /// <param name="address">Where its JSON would be stored as an object.</param>
    public static SnapshotName Of(Snapshot snapshot, string mailbox, ObjectId address)
    {
        var (time, id) = (
            new DateTimeOffset(snapshot.Finished.UtcTicks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond, TimeSpan.Zero),
            address.ToString()[..IdLength]
        );
        var (finished, state) = (time.ToString(TimeFormat, CultureInfo.InvariantCulture), States[(int)snapshot.State]);
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{BlobKind.Snapshot.Prefix}{mailbox}/{snapshot.Sequence:D10}-{finished}-{state}-{id}"
        );
        return new SnapshotName(name, mailbox, snapshot.Sequence, time, snapshot.State, id);
    }

    /// <returns>Null for another kind of blob.</returns>
    public static SnapshotName? Parse(string blob)
    {
        if (
            !blob.StartsWith(BlobKind.Snapshot.Prefix, StringComparison.Ordinal)
            || blob[BlobKind.Snapshot.Prefix.Length..].Split('/') is not [var mailbox, var rest]
        )
            return null;
        return
            rest.Split('-') is [{ Length: SequenceLength } sequence, var time, { Length: 1 } state, { Length: IdLength } id]
            && long.TryParse(sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && DateTimeOffset.TryParseExact(
                time,
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var moment
            )
            && States.IndexOf(state[0]) is >= 0 and var known
            ? new SnapshotName(blob, mailbox, number, moment, (SnapshotState)known, id)
            : null;
    }
}
