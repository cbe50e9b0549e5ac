using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Reads a target folder and the source folders that go to it, both ends at once, and pairs what it reads.</summary>
internal sealed class FolderPairReading
{
    // Of one end: a few megabytes, and enough for two servers that are not equally fast at every moment.
    private const int MostUnpaired = 20_000;

    private readonly IReadOnlyList<FolderMapping> _mappings;
    private readonly List<FolderReading> _source;
    private readonly FolderReading _target;
    private readonly HashSet<ContentId> _ids = [],
        _repeatedIds = [],
        _contents = [];
    private readonly List<PairedMessage> _paired = [];

    /// <param name="leftOut">Which messages of a source folder are not read; null where none is left out by rule.</param>
    /// <param name="keepPairs">Whether <see cref="Paired"/> is needed.</param>
    /// <param name="keepContents">Whether <see cref="Contents"/> are needed; <see cref="Paired"/> has them, too.</param>
    /// <param name="tolerance">Asks what tells whether messages were rewritten; null where that does not matter.</param>
    /// <param name="seen">Given each pair, too.</param>
    /// <param name="skipped">Given each message of a source that is left out by rule.</param>
    public FolderPairReading(
        IReadOnlyList<FolderMapping> mappings,
        FolderProgress progress,
        LeftOutMail? leftOut,
        bool keepPairs,
        bool keepContents,
        RewriteTolerance? tolerance = null,
        Action<ReadMessage, ReadMessage>? seen = null,
        Action<int, Uid>? skipped = null
    )
    {
        Pairing = new MessagePairing(
            MostUnpaired,
            (source, target) =>
            {
                if (keepPairs)
                    _paired.Add(PairedMessage.Of(source, target));
                else if (keepContents)
                    _contents.Add(source.Content);
                seen?.Invoke(source, target);
            }
        );
        _mappings = mappings;
        _source = [.. mappings.Select((_, mapping) => Reader(MailEnd.Source, mapping))];
        _target = Reader(MailEnd.Target, 0);

        // Where the other end has failed, this attempt has: what is left is read in the next one.
        FolderReading Reader(MailEnd end, int mapping)
        {
            return new(progress, message => Add(end, message), mapping)
            {
                Tolerance = tolerance,
                MayContinueAsync = token => Pairing.WaitForTurnAsync(end, token),
                LeftOutAsync = leftOut is null || end == MailEnd.Target ? null : LeftOutAsync,
            };

            async Task<IReadOnlySet<Uid>> LeftOutAsync(IMailSource opened, IReadOnlyList<MessageSummary> messages, CancellationToken stop)
            {
                var left = await leftOut!.OfAsync(mappings[mapping].Source.Path, opened, messages, stop);
                foreach (var uid in left)
                    skipped?.Invoke(mapping, uid);
                return left;
            }
        }
    }

    public MessagePairing Pairing { get; }

    /// <summary>What was paired.</summary>
    public IReadOnlyList<PairedMessage> Paired => _paired;

    /// <summary>Of what was paired.</summary>
    public IReadOnlyCollection<ContentId> Contents => _contents;

    /// <summary>Message-IDs that several messages of the source have, where it is asked what messages say.</summary>
    public IReadOnlySet<ContentId> RepeatedIds => _repeatedIds;

    /// <summary>Listed at the source, and not returned.</summary>
    public IEnumerable<(int Mapping, Uid Uid)> Unreadable =>
        _source.SelectMany((folder, mapping) => folder.Unreadable.Order().Select(uid => (mapping, uid)));

    /// <summary>Messages of the source that are left out by rule.</summary>
    public long LeftOut => _source.Sum(folder => folder.LeftOut);

    public UidValidity TargetUidValidity => _target.UidValidity;

    /// <param name="mapping">Of the source.</param>
    public UidValidity UidValidity(int mapping) => _source[mapping].UidValidity;

    /// <summary>Why a folder may hold more than was read; null where none does.</summary>
    public MailException? Limited =>
        _source.Append(_target).Select(folder => folder.Limited).FirstOrDefault(limited => limited is not null);

    /// <summary>Rises with all that was achieved.</summary>
    public long ProgressVersion => _target.ProgressVersion + _source.Sum(folder => folder.ProgressVersion);

    /// <summary>Reads what was not read before.</summary>
    /// <param name="parts">Asks what messages say, too.</param>
    public async Task ReadAsync(IMailSource source, IMailTarget target, bool parts, CancellationToken stop)
    {
        foreach (var folder in _source.Append(_target))
            folder.Parts = parts;
        Pairing.Begin();
        var reading = ReadToEndAsync(
            MailEnd.Target,
            () => _mappings[0].Exists ? _target.ReadAsync(target, _mappings[0].Target, stop) : Task.CompletedTask
        );
        try
        {
            await ReadToEndAsync(
                MailEnd.Source,
                async () =>
                {
                    foreach (var (mapping, folder) in _mappings.Zip(_source))
                        await folder.ReadAsync(source, mapping.Source.Path, stop);
                }
            );
        }
        catch
        {
            // A session runs one call at a time: it must have ended before the session is closed.
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await reading;
    }

    private async Task ReadToEndAsync(MailEnd end, Func<Task> readAsync)
    {
        try
        {
            await readAsync();
        }
        catch
        {
            // The other end may be waiting for this one.
            Pairing.End(end, failed: true);
            throw;
        }
        Pairing.End(end, failed: false);
    }

    private void Add(MailEnd end, ReadMessage message)
    {
        if (end == MailEnd.Source && message.Parts?.MessageId is { } id && !_ids.Add(id))
            _repeatedIds.Add(id);
        Pairing.Add(end, message);
    }
}
