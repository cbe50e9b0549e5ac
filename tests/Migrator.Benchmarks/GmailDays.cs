using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Migrator.Tests.Pacing;
using Migrator.Tests.Providers.Simulation;
using Migrator.Tests.Servers;

namespace Migrator.Benchmarks;

/// <summary>Proves that a mailbox larger than what Gmail takes in a day arrives there without a lockout, although the processes that copy
/// it are killed, and when it was foretold. A day is over at once; what is sent is sent.</summary>
/// <param name="megabytes">Of the mailbox.</param>
internal sealed class GmailDays(DovecotServer source, GmailServer gmail, int megabytes, int seed)
{
    private const long Megabyte = 1_000_000;

    /// <summary>What Google documents.</summary>
    private const long Budget = 500 * Megabyte;

    private const int MostKillsADay = 2;
    private const double Tolerance = 0.1;

    private readonly Random _random = new(seed);
    private readonly ShiftedClock _clock = new();
    private readonly Dictionary<string, int> _sent = [];
    private readonly List<(int Day, DateTimeOffset At, DateTimeOffset End)> _forecasts = [];
    private int _kills;

    /// <exception cref="InvalidOperationException">It is not so.</exception>
    public async Task RunAsync()
    {
        using var scratch = new Scratch();
        var day = new ProviderDay(_clock, Budget);
        gmail.UploadDay = day;
        source.DeliverRaw(GmailDaysProcess.User, Letters());
        Console.WriteLine(
            FormattableString.Invariant(
                $"{_sent.Count:N0} messages, {megabytes:N0} MB, to a simulated Gmail that takes {Budget / Megabyte} MB in 24 hours; "
            ) + FormattableString.Invariant($"seed {seed}.")
        );
        Console.WriteLine();
        Console.WriteLine("| day | process begins | sent  | most in 24 hours | killed | foretold to be complete |");
        Console.WriteLine("|----:|:---------------|------:|-----------------:|-------:|:------------------------|");
        var began = _clock.GetUtcNow();
        for (var number = 1; ; number++)
        {
            var (at, before, kills) = (_clock.GetUtcNow(), day.Total, _kills);
            var pause = await DayAsync(scratch.Path, number, day);
            Require(!day.LockedOut, $"the account was locked out on day {number}: {day.Highest:N0} bytes");
            Console.WriteLine(
                FormattableString.Invariant(
                    $"| {number, 3} | {at, -14:MM-dd HH:mm} | {(day.Total - before) / Megabyte, 5:N0} | {day.Highest / Megabyte, 16:N0} | "
                )
                    + FormattableString.Invariant(
                        $"{_kills - kills, 6} | {_forecasts.Last(forecast => forecast.Day == number).End, -23:MM-dd HH:mm} |"
                    )
            );
            if (pause is null)
                break;
            _clock.Shift += pause.Value;
        }
        var end = _clock.GetUtcNow();
        await ShouldHaveArrivedAsync();
        Judge(began, end, day);
    }

    /// <summary>Processes of one day, until one is not killed.</summary>
    /// <returns>How long to wait; null when all is there.</returns>
    private async Task<TimeSpan?> DayAsync(string state, int number, ProviderDay day)
    {
        var begun = day.Total;
        var moments = Enumerable.Range(0, _random.Next(MostKillsADay + 1)).Select(_ => begun + _random.NextInt64(Budget)).Order().ToList();
        while (true)
        {
            using var process = Process.Start(
                new ProcessStartInfo(
                    Environment.ProcessPath!,
                    [
                        "gmail-days-process",
                        source.ImapPort.ToString(CultureInfo.InvariantCulture),
                        gmail.Port.ToString(CultureInfo.InvariantCulture),
                        state,
                        _clock.Shift.Ticks.ToString(CultureInfo.InvariantCulture),
                    ]
                )
                {
                    RedirectStandardOutput = true,
                }
            )!;
            var (said, killed) = (process.StandardOutput.ReadToEndAsync(), false);
            while (!process.WaitForExit(TimeSpan.FromMilliseconds(5)))
            {
                if (moments.Count == 0 || day.Total < moments[0])
                    continue;
                process.Kill();
                (killed, _kills) = (true, _kills + 1);
                moments.RemoveAt(0);
                await process.WaitForExitAsync();
                break;
            }
            var words = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).ToList();
            if (words.Find(line => line[0] == "forecast") is { } forecast)
                _forecasts.Add((number, _clock.GetUtcNow(), DateTimeOffset.Parse(forecast[1], CultureInfo.InvariantCulture)));
            if (killed)
                continue;
            Require(process.ExitCode == 0 && words.Count > 0, $"a process ended with {process.ExitCode}");
            Require(words[^1][0] is "pause" or "complete", words[^1][^1]);
            return words[^1][0] == "pause" ? TimeSpan.FromTicks(long.Parse(words[^1][1], CultureInfo.InvariantCulture)) : null;
        }
    }

    /// <summary>Of 1 to 9 MB each, as photographs are.</summary>
    private IEnumerable<(byte[] Bytes, DateTimeOffset Date)> Letters()
    {
        for (var left = megabytes * Megabyte; left > 0; )
        {
            var body = new byte[_random.NextInt64(Megabyte * 3 / 4, Megabyte * 27 / 4)];
            _random.NextBytes(body);
            var letter = Encoding.ASCII.GetBytes(
                $"From: ann@example.org\r\nSubject: Photograph {_sent.Count}\r\nMessage-ID: <{_sent.Count}@example.org>\r\n"
                    + "MIME-Version: 1.0\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                    + Convert.ToBase64String(body, Base64FormattingOptions.InsertLineBreaks)
                    + "\r\n"
            );
            left -= letter.Length;
            _sent.Add(Convert.ToHexString(SHA256.HashData(letter)), letter.Length);
            yield return (letter, DateTimeOffset.UnixEpoch.AddDays(15_000 + _sent.Count));
        }
    }

    /// <summary>Each message once, as it was: read from the server behind the simulation.</summary>
    private async Task ShouldHaveArrivedAsync()
    {
        await using var imap = await gmail.Server.LogInAsync(GmailDaysProcess.User);
        foreach (var folder in new[] { "INBOX", gmail.Names.All })
        {
            await imap.RunAsync($"EXAMINE \"{folder}\"");
            var left = _sent.Keys.ToHashSet();
            // One by one: all of them do not fit into memory.
            for (var number = 1; left.Count > 0; number++)
            {
                var literal = (await imap.RunAsync($"FETCH {number} BODY.PEEK[]")).First(response => response.Literals.Count > 0).Literals[
                    0
                ];
                Require(left.Remove(Convert.ToHexString(SHA256.HashData(literal))), $"message {number} of {folder} is altered or doubled");
            }
            var status = string.Concat((await imap.RunAsync($"STATUS \"{folder}\" (MESSAGES)")).Select(response => response.Text));
            Require(status.Contains($"MESSAGES {_sent.Count})", StringComparison.Ordinal), $"{folder}: {status}");
        }
    }

    private void Judge(DateTimeOffset began, DateTimeOffset end, ProviderDay day)
    {
        var took = end - began;
        var first = (_forecasts[0].End - end).Duration() / took;
        var worst = _forecasts.Max(forecast => (forecast.End - end).Duration() / took);
        Console.WriteLine();
        Console.WriteLine(
            FormattableString.Invariant(
                $"All {_sent.Count:N0} messages are there once, as they were. {day.Total / Megabyte:N0} MB in {took.TotalDays:0.00} days; "
            )
                + FormattableString.Invariant($"at most {day.Highest / Megabyte:N0} MB in 24 hours; {_kills} kills. ")
                + FormattableString.Invariant($"Of {_forecasts.Count} forecasts, the first was wrong by {first:P1} of the whole, ")
                + FormattableString.Invariant($"the worst by {worst:P1}.")
        );
        Require(worst < Tolerance, "a forecast was wrong by more than a tenth");
        Require(_kills > 0, "no process was killed");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }
}
