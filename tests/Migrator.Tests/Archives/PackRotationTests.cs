using Migrator.Core.Archives;
using Migrator.Core.Migrations;
using Xunit;

namespace Migrator.Tests.Archives;

/// <summary>Every pack is read within the time that is given, whatever nights are missed and wherever a check is broken off.</summary>
public sealed class PackRotationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(2, 24, 2)]
    [InlineData(3, 24, 3)]
    [InlineData(7, 24, 4)]
    [InlineData(30, 24, 5)]
    [InlineData(30, 1, 6)]
    [InlineData(90, 24, 7)]
    public async Task Each_pack_is_read_at_least_once_in_the_time_given(int days, int everyHours, int seed)
    {
        var (archive, random, allWithin) = (await MemoryArchive.CreateAsync(encrypted: true), new Random(seed), TimeSpan.FromDays(days));
        var packs = Enumerable.Range(0, 300).Select(_ => Pack(random)).ToList();
        var last = packs.ToDictionary(pack => pack, _ => archive.Time.GetUtcNow());
        var (longest, reads, begun) = (TimeSpan.Zero, 0L, archive.Time.GetUtcNow());
        while (archive.Time.GetUtcNow() - begun < allWithin * 5)
        {
            var rotation = await PackRotation.OpenAsync(await archive.OpenAsync(), allWithin, Stop);
            var chosen = rotation.Choose(packs);
            // Some are broken off: another worker continues at once, with no more than the note.
            for (var broken = random.Next(3) == 0 ? random.Next(chosen.Count + 1) : -1; broken >= 0; broken = -1)
            {
                foreach (var pack in chosen.Take(broken))
                    Read(pack);
                rotation = await PackRotation.OpenAsync(await archive.OpenAsync(), allWithin, Stop);
                chosen = rotation.Choose(packs);
            }
            foreach (var pack in chosen)
            {
                Read(pack);
                await rotation.ReadAsync(pack, whole: true, Stop);
            }
            await rotation.EndAsync(Stop);
            packs.Add(Pack(random));
            last[packs[^1]] = archive.Time.GetUtcNow();
            // Nights are missed, as many as the rotation says that it can bear.
            var missed = (int)(PackRotation.AheadOf(allWithin) / TimeSpan.FromHours(everyHours)) - 1;
            archive.Time.Advance(TimeSpan.FromHours(everyHours) * (1 + random.Next(Math.Max(missed, 0) + 1)));
        }

        Assert.True(longest <= allWithin, $"{longest}");
        Assert.All(last.Values, read => Assert.True(archive.Time.GetUtcNow() - read <= allWithin));
        // It does not get there by reading everything each time.
        if (days >= 30)
            Assert.True(reads < packs.Count * 5 * 1.4, $"{reads} of {packs.Count}");

        void Read(string pack)
        {
            var gap = archive.Time.GetUtcNow() - last[pack];
            (longest, reads, last[pack]) = (gap > longest ? gap : longest, reads + 1, archive.Time.GetUtcNow());
        }
    }

    [Fact]
    public async Task A_check_that_is_broken_off_continues_where_it_was()
    {
        var (archive, random) = (await MemoryArchive.CreateAsync(encrypted: false), new Random(3));
        var packs = Enumerable.Range(0, 1000).Select(_ => Pack(random)).ToList();
        var rotation = await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(10), Stop);
        var chosen = rotation.Choose(packs);
        Assert.InRange(chosen.Count, 200, 300);
        foreach (var pack in chosen.Take(100))
        {
            await rotation.ReadAsync(pack, whole: true, Stop);
            archive.Time.Advance(TimeSpan.FromSeconds(30));
        }

        var rest = (await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(10), Stop)).Choose(packs);

        // What was read since it was last noted is read again.
        Assert.Equal(chosen.Skip(100), rest.Where(chosen.Skip(100).Contains));
        Assert.InRange(rest.Count(chosen.Take(100).Contains), 1, 15);
    }

    [Fact]
    public async Task A_damaged_pack_is_read_each_time_until_it_is_whole_or_gone()
    {
        var (archive, random) = (await MemoryArchive.CreateAsync(encrypted: true), new Random(5));
        var packs = Enumerable.Range(0, 200).Select(_ => Pack(random)).ToList();
        var bad = await NightAsync(whole: false);
        Assert.True(bad.Count > 1);
        archive.Time.Advance(TimeSpan.FromDays(1));
        var due = await DueAsync();
        Assert.All(bad, pack => Assert.Contains(pack, due));
        packs.Remove(bad[0]);
        await NightAsync(whole: true);
        archive.Time.Advance(TimeSpan.FromDays(1));
        due = await DueAsync();
        Assert.All(bad, pack => Assert.DoesNotContain(pack, due));

        async Task<IReadOnlyList<string>> DueAsync() => (await RotationAsync()).Choose(packs);

        async Task<PackRotation> RotationAsync() => await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(30), Stop);

        async Task<IReadOnlyList<string>> NightAsync(bool whole)
        {
            var rotation = await RotationAsync();
            var chosen = rotation.Choose(packs);
            foreach (var pack in chosen)
                await rotation.ReadAsync(pack, whole, Stop);
            await rotation.EndAsync(Stop);
            return chosen;
        }
    }

    [Fact]
    public async Task Nobody_else_can_say_that_everything_was_read()
    {
        var archive = await MemoryArchive.CreateAsync(encrypted: true);
        var packs = Enumerable.Range(0, 500).Select(number => Pack(new Random(number))).ToList();
        await (await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(30), Stop)).EndAsync(Stop);
        archive.Time.Advance(TimeSpan.FromDays(20));
        var honest = (await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(30), Stop)).Choose(packs).Count;
        var note = Assert.Single(archive.ControlStore.Blobs.Keys, name => name.StartsWith("reads/", StringComparison.Ordinal));

        var bytes = System
            .Text.Encoding.UTF8.GetString(archive.ControlStore.Blobs[note])
            .Replace("2026-01-04", "2026-01-24", StringComparison.Ordinal);
        Assert.Contains("2026-01-24", bytes);
        await archive.ControlStore.ReplaceAsync(note, System.Text.Encoding.UTF8.GetBytes(bytes), Stop);

        Assert.True(honest > 300);
        // As if nothing were known: those that are due from now on are read, and all of them in time.
        Assert.InRange(
            (await PackRotation.OpenAsync(await archive.OpenAsync(), TimeSpan.FromDays(30), Stop)).Choose(packs).Count,
            30,
            honest
        );
    }

    private static string Pack(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return $"packs/202601/{Convert.ToHexStringLower(bytes)}";
    }
}
