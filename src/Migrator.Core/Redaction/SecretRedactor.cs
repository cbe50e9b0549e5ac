using System.Buffers;

namespace Migrator.Core.Redaction;

/// <summary>The secrets that this process has read, so that none of them gets into a log, a report or a store in the words of somebody
/// else: of a server that repeats what it was sent, of a library that quotes a connection string.</summary>
/// <remarks>The last line of defence, and none to rely on: our own code never writes secrets. What is shorter than
/// <see cref="Shortest"/> is not replaced, because it would also be found where it is not a secret.</remarks>
public static class SecretRedactor
{
    /// <summary>Characters that a secret must have to be replaced.</summary>
    public const int Shortest = 6;

    /// <summary>What is in place of a secret.</summary>
    public const string Mask = "***";

    // Building a search takes milliseconds where there are thousands: what is new is looked for one by one, until it is this many or a
    // sixteenth of the rest.
    private const int MostRecent = 64;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, Kept> s_kept = new(StringComparer.Ordinal);
    private static volatile Known s_known = new([], [], SearchValues.Create([], StringComparison.Ordinal));

    /// <summary>From now on this is replaced, and so are the passwords, keys and signatures in it where it is a connection string or an
    /// address.</summary>
    public static void Add(string secret) => Add(secret, null, DateTimeOffset.MaxValue);

    /// <summary>Like <see cref="Add(string)"/>, for a secret that is worth nothing after a while: a service sees thousands of them a day,
    /// and would keep each for ever.</summary>
    /// <param name="life">How long it is replaced, at least.</param>
    public static void Add(string secret, TimeSpan life, TimeProvider time) => Add(secret, time, time.GetUtcNow() + life);

    private static void Add(string secret, TimeProvider? time, DateTimeOffset until)
    {
        lock (s_lock)
        {
            if (s_kept.TryGetValue(secret, out var kept))
            {
                s_kept[secret] =
                    time is null || (kept.Time is not null && kept.Until < until) ? kept with { Time = time, Until = until } : kept;
                return;
            }
            string[] forms = [.. SecretForms.Of(secret).Where(form => form.Length >= Shortest)];
            s_kept.Add(secret, new Kept(forms, time, until));
            var known = s_known;
            string[] recent = [.. known.Recent, .. forms];
            if (recent.Length <= Math.Max(MostRecent, known.Settled.Length / 16))
            {
                s_known = known with { Recent = recent };
                return;
            }
            foreach (var (old, _) in s_kept.Where(entry => entry.Value.IsOver).ToList())
                s_kept.Remove(old);
            string[] all = [.. s_kept.Values.SelectMany(entry => entry.Forms).Distinct(StringComparer.Ordinal)];
            s_known = new Known(all, [], SearchValues.Create(all, StringComparison.Ordinal));
        }
    }

    /// <returns>The text without any secret that is known; the same object where there is none in it.</returns>
    public static string Redact(string text)
    {
        var known = s_known;
        for (var start = 0; known.Find(text.AsSpan(start)) is var at and >= 0; )
        {
            at += start;
            // Of several that begin here, the longest.
            var length = known.All.Where(form => text.AsSpan(at).StartsWith(form, StringComparison.Ordinal)).Max(form => form.Length);
            text = string.Concat(text.AsSpan(0, at), Mask, text.AsSpan(at + length));
            start = at + Mask.Length;
        }
        return text;
    }

    /// <param name="Time">By which it ends; null for never.</param>
    private sealed record Kept(string[] Forms, TimeProvider? Time, DateTimeOffset Until)
    {
        public bool IsOver => Time is not null && Time.GetUtcNow() >= Until;
    }

    private sealed record Known(string[] Settled, string[] Recent, SearchValues<string> Search)
    {
        public IEnumerable<string> All => Settled.Concat(Recent);

        public int Find(ReadOnlySpan<char> text)
        {
            var first = text.IndexOfAny(Search);
            foreach (var form in Recent)
            {
                // Only what lies before it can be earlier.
                var within = first < 0 ? text : text[..Math.Min(text.Length, first + form.Length)];
                if (within.IndexOf(form, StringComparison.Ordinal) is var at and >= 0 && (first < 0 || at < first))
                    first = at;
            }
            return first;
        }
    }
}
