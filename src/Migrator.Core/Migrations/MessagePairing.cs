using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Pairs the messages of two ends while both are read. Those with the same content, flags and date are paired at once and
/// dropped, so that two ends with the same mail are compared in the memory that a few pages of it take, however many messages there are.
/// What has no such counterpart is held.</summary>
/// <remarks>Both ends may use it at the same time.</remarks>
/// <param name="most">An end that holds more unpaired messages, and has read more than the other, waits for it: nothing else keeps
/// a fast server from filling memory while a slow one answers.</param>
/// <param name="paired">Given each pair, one at a time: a message of the source and its counterpart.</param>
public sealed class MessagePairing(int most, Action<ReadMessage, ReadMessage>? paired = null)
{
    // Where nearly each message has keywords of its own, there is nothing to share.
    private const int MostSharedFlags = 1000;

    // Of one end: 128 MB. Messages have some thirty.
    private const long MostFields = 8_000_000;

    private readonly Lock _lock = new();
    private readonly Side[] _sides = [new(), new()];
    private readonly Dictionary<string, FlagSet> _flags = [];
    private (MailEnd End, TaskCompletionSource Turn)? _waiting;
    private int _held;

    private enum Reading
    {
        Continues,
        Ended,
        Failed,
    }

    private sealed class Side
    {
        public HashSet<Unpaired> Unpaired { get; } = new(EqualMessages.Instance);

        public int Held { get; set; }

        public long Fields { get; set; }

        public long Messages { get; set; }

        public long Bytes { get; set; }

        public Reading Reading { get; set; }
    }

    /// <summary>Messages that are equal, in the order in which they were read: the first read is the first paired, so that of several the
    /// last is what is missing or too many.</summary>
    private readonly record struct Unpaired(ReadMessage First, Queue<ReadMessage>? Later);

    private sealed class EqualMessages : IEqualityComparer<Unpaired>
    {
        public static readonly EqualMessages Instance = new();

        public bool Equals(Unpaired one, Unpaired other) =>
            one.First.Content == other.First.Content && one.First.Date == other.First.Date && one.First.Flags == other.First.Flags;

        public int GetHashCode(Unpaired messages) => HashCode.Combine(messages.First.Content, messages.First.Date, messages.First.Flags);
    }

    /// <summary>How many were paired.</summary>
    public long Pairs { get; private set; }

    /// <summary>The most that were held at once, of both ends.</summary>
    public int MostHeld { get; private set; }

    /// <summary>How many were read.</summary>
    public long Messages(MailEnd end) => _sides[(int)end].Messages;

    /// <summary>How many bytes they have.</summary>
    public long Bytes(MailEnd end) => _sides[(int)end].Bytes;

    /// <summary>How many have no counterpart yet.</summary>
    public int Held(MailEnd end) => _sides[(int)end].Held;

    /// <summary>What has no counterpart, by mapping and UID.</summary>
    public List<ReadMessage> Unmatched(MailEnd end)
    {
        lock (_lock)
            return
            [
                .. _sides[(int)end]
                    .Unpaired.SelectMany(messages => messages.Later is null ? [messages.First] : messages.Later.Prepend(messages.First))
                    .OrderBy(message => message.Mapping)
                    .ThenBy(message => message.Uid),
            ];
    }

    /// <summary>Both ends are about to read what they have not read yet.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _waiting = null;
            foreach (var side in _sides)
                side.Reading = Reading.Continues;
        }
    }

    /// <summary>This end will read no more in this attempt.</summary>
    /// <param name="failed">It has not read all.</param>
    public void End(MailEnd end, bool failed)
    {
        lock (_lock)
        {
            _sides[(int)end].Reading = failed ? Reading.Failed : Reading.Ended;
            Release();
        }
    }

    /// <summary>Takes a message that was read: each once.</summary>
    public void Add(MailEnd end, ReadMessage message)
    {
        lock (_lock)
        {
            var (own, other) = (_sides[(int)end], Other(end));
            own.Messages++;
            own.Bytes += message.Size;
            if (other.Unpaired.TryGetValue(new Unpaired(message, null), out var counterparts))
            {
                other.Unpaired.Remove(counterparts);
                if (counterparts.Later is { Count: > 0 } later)
                    other.Unpaired.Add(new Unpaired(later.Dequeue(), later));
                other.Held--;
                other.Fields -= FieldsOf(counterparts.First);
                _held--;
                Pairs++;
                var (source, target) = end == MailEnd.Source ? (message, counterparts.First) : (counterparts.First, message);
                paired?.Invoke(source, target);
            }
            else
            {
                Hold(own, Fitting(own, message with { Flags = Shared(message.Flags) }));
            }
            Release();
        }
    }

    /// <summary>Waits until the other end has caught up, where this one is too far ahead. To be called between two pages, and not within
    /// one, which a server would have to hold back. The end that is behind never waits, so that one of the two always reads.</summary>
    /// <returns>False where the other end has failed and cannot catch up in this attempt: to read on would only fill memory.</returns>
    public async Task<bool> WaitForTurnAsync(MailEnd end, CancellationToken stop)
    {
        Task turn;
        lock (_lock)
        {
            if (!IsTooFarAhead(end))
                return true;
            if (Other(end).Reading != Reading.Continues)
                return Other(end).Reading == Reading.Ended;
            _waiting = (end, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            turn = _waiting.Value.Turn.Task;
        }
        await turn.WaitAsync(stop);
        lock (_lock)
            return !IsTooFarAhead(end) || Other(end).Reading != Reading.Failed;
    }

    /// <summary>Forgets what is held.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var side in _sides)
            {
                side.Unpaired.Clear();
                side.Unpaired.TrimExcess();
                (side.Held, side.Fields) = (0, 0);
            }
            _flags.Clear();
            _held = 0;
        }
    }

    private Side Other(MailEnd end) => _sides[1 - (int)end];

    private void Hold(Side side, ReadMessage message)
    {
        if (!side.Unpaired.TryGetValue(new Unpaired(message, null), out var earlier))
        {
            side.Unpaired.Add(new Unpaired(message, null));
        }
        else if (earlier.Later is { } later)
        {
            later.Enqueue(message);
        }
        else
        {
            side.Unpaired.Remove(earlier);
            side.Unpaired.Add(new Unpaired(earlier.First, new Queue<ReadMessage>([message])));
        }
        side.Held++;
        side.Fields += FieldsOf(message);
        _held++;
        MostHeld = Math.Max(MostHeld, _held);
    }

    private static int FieldsOf(ReadMessage message) => message.Traits?.Fields?.Count ?? 0;

    /// <summary>Without the fields of its header, where so many are held that memory would not suffice.</summary>
    private static ReadMessage Fitting(Side side, ReadMessage message) =>
        side.Fields + FieldsOf(message) <= MostFields ? message : message with { Traits = message.Traits! with { Fields = null } };

    /// <summary>Servers send the flags with each message: nearly all have those of another one.</summary>
    private FlagSet Shared(FlagSet flags)
    {
        var text = flags.ToString();
        if (_flags.TryGetValue(text, out var shared))
            return shared;
        if (_flags.Count < MostSharedFlags)
            _flags.Add(text, flags);
        return flags;
    }

    private bool IsTooFarAhead(MailEnd end) => _sides[(int)end] is var own && own.Held > most && own.Messages > Other(end).Messages;

    private void Release()
    {
        if (_waiting is not { } waiting || (IsTooFarAhead(waiting.End) && Other(waiting.End).Reading == Reading.Continues))
            return;
        _waiting = null;
        waiting.Turn.SetResult();
    }
}
