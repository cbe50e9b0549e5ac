using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Xunit;

namespace Migrator.Tests.Migrations;

/// <summary>Messages of two ends are paired while they are read, in the memory that a few of them take.</summary>
public sealed class MessagePairingTests
{
    private static readonly string[] s_flags = ["", "\\Seen", "\\Flagged \\Seen", "Work"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Whatever_comes_first_the_same_messages_are_left()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var (source, target) = (Some(random, mappings: 3), Some(random, mappings: 1));
            var pairs = new List<(ReadMessage Source, ReadMessage Target)>();
            var pairing = new MessagePairing(3, (one, other) => pairs.Add((one, other)));

            Interleave(pairing, source, target, random);

            var (missing, extra) = Model(source, target);
            Assert.Equal(missing, pairing.Unmatched(MailEnd.Source));
            Assert.Equal(extra, pairing.Unmatched(MailEnd.Target));
            Assert.Equal((missing.Count, extra.Count), (pairing.Held(MailEnd.Source), pairing.Held(MailEnd.Target)));
            AssertOneToOne(pairs, source.Except(missing), target.Except(extra));
            Assert.Equal(pairs.Count, pairing.Pairs);
            Assert.Equal(
                (source.Count, target.Count, source.Sum(message => message.Size), target.Sum(message => message.Size)),
                (
                    pairing.Messages(MailEnd.Source),
                    pairing.Messages(MailEnd.Target),
                    pairing.Bytes(MailEnd.Source),
                    pairing.Bytes(MailEnd.Target)
                )
            );
        }
    }

    /// <summary>Whatever a server sends: headers of a thousand fields, and none of their messages at the other end.</summary>
    [Fact]
    public void Of_header_fields_only_so_many_are_held()
    {
        IReadOnlyList<HashedField> fields = [.. Enumerable.Repeat(new HashedField(1, new HeaderName("X-A", false)), 1000)];
        var traits = new MessageTraits(default, default, default, fields, default, null, default, default, null, null);
        var pairing = new MessagePairing(20_000);
        for (var uid = 1u; uid <= 8001; uid++)
            pairing.Add(MailEnd.Target, Message(uid));
        var first = pairing.Unmatched(MailEnd.Target).Count(message => message.Traits!.Fields is null);
        // What is paired makes room.
        pairing.Add(MailEnd.Source, Message(1));
        pairing.Add(MailEnd.Target, Message(8002));

        Assert.Equal(1, first);
        Assert.Equal(
            [(Uid)8001],
            pairing.Unmatched(MailEnd.Target).Where(message => message.Traits!.Fields is null).Select(message => message.Uid)
        );

        ReadMessage Message(uint uid) =>
            new(0, uid, ContentId.Of(BitConverter.GetBytes(uid)), 1, FlagSet.None, DateTimeOffset.UnixEpoch, true) { Traits = traits };
    }

    /// <summary>Servers may return messages in any order: which of several equal ones is left may differ then, and nothing else.</summary>
    [Fact]
    public void In_any_order_equal_messages_are_left()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var (source, target) = (Some(random, mappings: 3), Some(random, mappings: 1));
            var (missing, extra) = Model(source, target);
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(source));
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(target));
            var pairing = new MessagePairing(3);

            Interleave(pairing, source, target, random);

            Assert.Equal(Kinds(missing), Kinds(pairing.Unmatched(MailEnd.Source)));
            Assert.Equal(Kinds(extra), Kinds(pairing.Unmatched(MailEnd.Target)));
        }
    }

    [Fact]
    public async Task The_end_that_is_ahead_waits_and_the_other_one_never()
    {
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Source, 1, 3);

        var waiting = pairing.WaitForTurnAsync(MailEnd.Source, Stop);

        Assert.False(waiting.IsCompleted);
        Assert.True(await Now(pairing.WaitForTurnAsync(MailEnd.Target, Stop)));
        // It holds as many, and is behind.
        Read(pairing, MailEnd.Target, 101, 102);
        Assert.True(await Now(pairing.WaitForTurnAsync(MailEnd.Target, Stop)));
        Assert.False(waiting.IsCompleted);
        Read(pairing, MailEnd.Target, 103, 103);
        Assert.True(await Soon(waiting));
        Assert.True(await Now(pairing.WaitForTurnAsync(MailEnd.Source, Stop)));
        // Now this one is ahead.
        Read(pairing, MailEnd.Target, 104, 104);
        Assert.False(pairing.WaitForTurnAsync(MailEnd.Target, Stop).IsCompleted);
    }

    [Fact]
    public async Task The_end_that_is_ahead_continues_once_it_holds_little()
    {
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Target, 1, 9);
        var waiting = pairing.WaitForTurnAsync(MailEnd.Target, Stop);

        Read(pairing, MailEnd.Source, 1, 6);
        Assert.False(waiting.IsCompleted);
        Read(pairing, MailEnd.Source, 7, 7);

        Assert.True(await Soon(waiting));
    }

    [Fact]
    public async Task The_end_of_the_other_end_releases_the_one_that_waits()
    {
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Source, 1, 9);
        var waiting = pairing.WaitForTurnAsync(MailEnd.Source, Stop);

        pairing.End(MailEnd.Target, failed: false);

        Assert.True(await Soon(waiting));
        Assert.True(await Now(pairing.WaitForTurnAsync(MailEnd.Source, Stop)));
    }

    [Fact]
    public async Task A_failure_of_the_other_end_releases_the_one_that_waits_and_it_reads_no_more()
    {
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Source, 1, 9);
        var waiting = pairing.WaitForTurnAsync(MailEnd.Source, Stop);

        pairing.End(MailEnd.Target, failed: true);

        Assert.False(await Soon(waiting));
        Assert.False(await Now(pairing.WaitForTurnAsync(MailEnd.Source, Stop)));
        // The next attempt.
        pairing.Begin();
        waiting = pairing.WaitForTurnAsync(MailEnd.Source, Stop);
        Assert.False(waiting.IsCompleted);
        Read(pairing, MailEnd.Target, 1, 9);
        Assert.True(await Soon(waiting));
    }

    [Fact]
    public async Task A_failure_stops_no_end_that_is_behind_or_holds_little()
    {
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Source, 1, 3);
        Read(pairing, MailEnd.Target, 101, 104);

        pairing.End(MailEnd.Target, failed: true);

        Assert.True(await Now(pairing.WaitForTurnAsync(MailEnd.Source, Stop)));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var pairing = new MessagePairing(2);
        pairing.Begin();
        Read(pairing, MailEnd.Source, 1, 3);
        var waiting = pairing.WaitForTurnAsync(MailEnd.Source, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(waiting));
    }

    [Fact]
    public async Task Two_ends_with_the_same_mail_hold_little_of_it_whichever_is_faster()
    {
        const int messages = 200_000;
        const int most = 2000;
        const int page = 100;
        var pairing = new MessagePairing(most);
        pairing.Begin();

        await Task.WhenAll(ReadAsync(MailEnd.Source, pages => pages % 700 < 350), ReadAsync(MailEnd.Target, pages => pages % 400 < 10));

        Assert.Equal((messages, 0, 0), (pairing.Pairs, pairing.Held(MailEnd.Source), pairing.Held(MailEnd.Target)));
        // One end at a time can hold anything: the other one has those messages yet to read.
        Assert.InRange(pairing.MostHeld, 1, most + page);

        // Gives up its turn after some pages, and not after others.
        async Task ReadAsync(MailEnd end, Func<int, bool> isSlow)
        {
            await Task.Yield();
            for (var read = 0; read < messages; read += page)
            {
                Assert.True(await Soon(pairing.WaitForTurnAsync(end, Stop)));
                Read(pairing, end, read + 1, read + page);
                if (isSlow(read / page))
                    await Task.Yield();
            }
            pairing.End(end, failed: false);
        }
    }

    /// <summary>The first of those that wait for equal ones is the first that is paired.</summary>
    private static (List<ReadMessage> Missing, List<ReadMessage> Extra) Model(List<ReadMessage> source, List<ReadMessage> target)
    {
        var (missing, extra) = (new List<ReadMessage>(), target.ToList());
        foreach (var message in source)
        {
            var index = extra.FindIndex(other => Kind(other) == Kind(message));
            if (index < 0)
                missing.Add(message);
            else
                extra.RemoveAt(index);
        }
        return (missing, extra);
    }

    private static (ContentId Content, FlagSet Flags, DateTimeOffset Date) Kind(ReadMessage message) =>
        (message.Content, message.Flags, message.Date);

    private static Dictionary<(ContentId Content, FlagSet Flags, DateTimeOffset Date), int> Kinds(IEnumerable<ReadMessage> messages) =>
        messages.CountBy(Kind).ToDictionary();

    private static void AssertOneToOne(
        List<(ReadMessage Source, ReadMessage Target)> pairs,
        IEnumerable<ReadMessage> source,
        IEnumerable<ReadMessage> target
    )
    {
        Assert.All(pairs, pair => Assert.Equal(Kind(pair.Source), Kind(pair.Target)));
        Assert.Equal(
            source.Select(message => (message.Mapping, message.Uid)),
            pairs.Select(pair => (pair.Source.Mapping, pair.Source.Uid)).Order()
        );
        Assert.Equal(target.Select(message => message.Uid), pairs.Select(pair => pair.Target.Uid).Order());
    }

    private static void Interleave(MessagePairing pairing, List<ReadMessage> source, List<ReadMessage> target, Random random)
    {
        var (here, there) = (new Queue<ReadMessage>(source), new Queue<ReadMessage>(target));
        while (here.Count + there.Count > 0)
        {
            if (random.Next(here.Count + there.Count) < here.Count)
                pairing.Add(MailEnd.Source, here.Dequeue());
            else
                pairing.Add(MailEnd.Target, there.Dequeue());
        }
    }

    /// <summary>By mapping and UID, few kinds of them: twins, and twins with other flags or dates.</summary>
    private static List<ReadMessage> Some(Random random, int mappings) =>
        [
            .. Enumerable
                .Range(0, mappings)
                .SelectMany(mapping => Enumerable.Range(1, random.Next(12 / mappings)).Select(uid => Any(random, mapping, (uint)uid))),
        ];

    private static ReadMessage Any(Random random, int mapping, uint uid) =>
        Message(uid, random.Next(3)) with
        {
            Mapping = mapping,
            Flags = FlagSet.Parse(s_flags[random.Next(s_flags.Length)]),
            Date = DateTimeOffset.UnixEpoch.AddDays(random.Next(2)),
        };

    private static void Read(MessagePairing pairing, MailEnd end, int first, int last)
    {
        for (var number = first; number <= last; number++)
            pairing.Add(end, Message((uint)number, number));
    }

    private static ReadMessage Message(uint uid, int content) =>
        new(0, uid, ContentId.Of(BitConverter.GetBytes(content)), 100 + content, FlagSet.None, DateTimeOffset.UnixEpoch, Dated: true);

    private static Task<bool> Soon(Task<bool> answer) => answer.WaitAsync(TimeSpan.FromMinutes(1), Stop);

    private static Task<bool> Now(Task<bool> answer)
    {
        Assert.True(answer.IsCompleted);
        return answer;
    }
}
