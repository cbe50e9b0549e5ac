using System.Buffers.Binary;
using System.Text;
using Migrator.Core.Mail;

namespace Migrator.Core.Archives;

/// <summary>Chooses the packs that a check reads, so that each is read at least once in a given time, however often a check runs and
/// whichever worker does it.</summary>
/// <remarks>Each pack is due once in each period, at a moment that its name decides: so the work is spread evenly. What has been read is
/// one moment, up to which nothing due is left. A check reads what is due up to now and for some time ahead; what a missed night leaves is
/// read by the next check. A pack is therefore never read earlier than that time before it is due, and, where checks are no further apart
/// than that time, never later than when it is due: from one reading to the next there is at most the period and that time, which together
/// are the time given.</remarks>
public sealed class PackRotation
{
    private const int MostDamaged = 10_000;

    // Between two notes of how far it is: so much is read again after a worker has died.
    private static readonly TimeSpan s_save = TimeSpan.FromMinutes(5);

    private readonly Archive _archive;
    private readonly string _note;
    private readonly HashSet<string> _damaged;
    private readonly Dictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _until;
    private DateTimeOffset _read;
    private long _saved;

    private PackRotation(Archive archive, TimeSpan allWithin, Progress? progress)
    {
        var now = archive.Time.GetUtcNow();
        (_archive, _note, Period) = (archive, NoteOf(allWithin), allWithin - AheadOf(allWithin));
        _until = now + AheadOf(allWithin);
        // A clock that was ahead must not keep anything from being read.
        _read = progress is null || progress.Read > _until ? now : progress.Read;
        _damaged = [.. progress?.Damaged ?? []];
        _saved = archive.Time.GetTimestamp();
    }

    /// <param name="Read">Packs that were due up to then have been read.</param>
    /// <param name="Damaged">Packs that were damaged when they were read: they are read each time until they are whole or gone.</param>
    internal sealed record Progress(DateTimeOffset Read, IReadOnlyList<string> Damaged);

    /// <summary>From one due moment of a pack to the next.</summary>
    public TimeSpan Period { get; }

    /// <summary>How far ahead a check reads: half the time for a few days, so that each night reads everything or half of it; else two days
    /// or an eighth, so that one missed night or more does no harm.</summary>
    public static TimeSpan AheadOf(TimeSpan allWithin) =>
        TimeSpan.FromTicks(Math.Max(allWithin.Ticks / 8, Math.Min(allWithin.Ticks / 2, TimeSpan.TicksPerDay * 2)));

    /// <summary>Goes on where the last check ended.</summary>
    /// <param name="allWithin">A day or more.</param>
    public static async Task<PackRotation> OpenAsync(Archive archive, TimeSpan allWithin, CancellationToken stop) =>
        new(archive, allWithin, await ControlNotes.ReadAsync<Progress>(archive, NoteOf(allWithin), stop));

    /// <summary>Those of these packs that are to be read now, in the order in which they are due.</summary>
    public IReadOnlyList<string> Choose(IEnumerable<string> packs)
    {
        var damaged = new HashSet<string>(StringComparer.Ordinal);
        _due.Clear();
        foreach (var pack in packs)
        {
            if (_damaged.Contains(pack))
                damaged.Add(pack);
            if ((damaged.Contains(pack) ? _read : Due(pack)) is var due && due <= _until)
                _due[pack] = due;
        }
        _damaged.IntersectWith(damaged);
        return [.. _due.OrderBy(pack => pack.Value).Select(pack => pack.Key)];
    }

    /// <summary>A pack that was chosen was read; those before it in the order, too.</summary>
    public async Task ReadAsync(string pack, bool whole, CancellationToken stop)
    {
        if (whole)
            _damaged.Remove(pack);
        else if (_damaged.Count < MostDamaged)
            _damaged.Add(pack);
        // Not up to its own moment: another one may be due at the same.
        _read = _due[pack].AddTicks(-1) is var read && read > _read ? read : _read;
        if (!whole || _archive.Time.GetElapsedTime(_saved) >= s_save)
            await SaveAsync(stop);
    }

    /// <summary>All that was chosen has been read.</summary>
    public Task EndAsync(CancellationToken stop)
    {
        _read = _until;
        return SaveAsync(stop);
    }

    private Task SaveAsync(CancellationToken stop)
    {
        _saved = _archive.Time.GetTimestamp();
        return ControlNotes.WriteAsync(_archive, _note, new Progress(_read, [.. _damaged.Order(StringComparer.Ordinal)]), stop);
    }

    /// <summary>The first moment after what has been read at which the pack is due.</summary>
    private DateTimeOffset Due(string pack)
    {
        var phase = (long)(
            (UInt128)BinaryPrimitives.ReadUInt64LittleEndian(ContentId.Of(Encoding.ASCII.GetBytes(pack)).ToArray()) * (ulong)Period.Ticks
            >> 64
        );
        var begun = (_read.UtcTicks - phase) / Period.Ticks * Period.Ticks + phase;
        return new DateTimeOffset(begun > _read.UtcTicks ? begun : begun + Period.Ticks, TimeSpan.Zero);
    }

    // One for each time given: two jobs that keep to different ones do not disturb each other.
    private static string NoteOf(TimeSpan allWithin) => $"reads/{(long)allWithin.TotalMinutes}.json";
}
