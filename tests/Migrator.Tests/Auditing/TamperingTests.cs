using System.Text;
using Migrator.Storage.Auditing;
using Xunit;

namespace Migrator.Tests.Auditing;

/// <summary>Whoever can write to the trail changes it, without the hashes or with them: what is found, and where.</summary>
public sealed class TamperingTests : IAsyncLifetime
{
    private const int Lines = 8;

    private string _state = "";

    public async ValueTask InitializeAsync() => _state = await Trail.WriteAsync(Lines);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_state, recursive: true);
        return default;
    }

    private string TrailFile => Trail.Files(_state)[0];

    [Fact]
    public void A_line_that_was_changed_is_named()
    {
        Edit(lines => lines[3] = lines[3].Replace("job-4", "job-5", StringComparison.Ordinal));
        ShouldFind(4, "this line is not as it was written");
    }

    [Fact]
    public void A_line_that_was_changed_with_its_hash_is_found_by_the_next()
    {
        Edit(lines => lines[3] = Forged(lines[3].Replace("job-4", "job-5", StringComparison.Ordinal)));
        ShouldFind(5, "it does not continue the line before (sequence 4)");
    }

    [Fact]
    public void A_line_that_was_removed_is_missed()
    {
        Edit(lines => lines.RemoveAt(3));
        ShouldFind(4, "sequence 4 is missing before it");
    }

    [Fact]
    public void Several_that_were_removed_are_missed()
    {
        Edit(lines => lines.RemoveRange(1, 3));
        ShouldFind(2, "sequences 2 to 4 are missing before it");
    }

    [Fact]
    public void A_removal_that_was_papered_over_with_new_numbers_is_found()
    {
        Edit(lines =>
        {
            lines.RemoveAt(3);
            for (var line = 3; line < lines.Count; line++)
                lines[line] = Forged(lines[line].Replace($"\"seq\":{line + 2}", $"\"seq\":{line + 1}", StringComparison.Ordinal));
        });
        ShouldFind(4, "it does not continue the line before (sequence 3)");
    }

    [Fact]
    public void Lines_in_another_order_are_found()
    {
        Edit(lines => (lines[3], lines[4]) = (lines[4], lines[3]));
        ShouldFind(5, "sequence 4 follows 5");
    }

    [Fact]
    public void A_line_that_was_put_in_is_found()
    {
        Edit(lines => lines.Insert(3, lines[3]));
        ShouldFind(5, "sequence 4 follows 4");
    }

    [Fact]
    public void The_first_lines_are_missed()
    {
        Edit(lines => lines.RemoveRange(0, 2));
        ShouldFind(1, "the trail begins with sequence 3");
    }

    [Fact]
    public void The_last_lines_are_missed()
    {
        Edit(lines => lines.RemoveRange(6, 2));
        ShouldFind(0, "sequences 7 to 8 are missing: removed or changed at the end");
    }

    [Fact]
    public void A_last_line_that_was_changed_with_its_hash_is_found()
    {
        Edit(lines => lines[7] = Forged(lines[7].Replace("job-8", "job-9", StringComparison.Ordinal)));
        ShouldFind(8, "this line was replaced");
    }

    [Fact]
    public void A_head_that_was_removed_is_missed()
    {
        File.Delete(Path.Combine(_state, "audit.head"));
        ShouldFind(0, "audit.head is missing");
    }

    [Fact]
    public void A_trail_that_was_removed_is_missed()
    {
        Directory.Delete(Path.Combine(_state, "audit"), recursive: true);
        ShouldFind(0, "sequences 1 to 8 are missing");
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("replaced")]
    [InlineData("all")]
    [InlineData("head")]
    [InlineData("changed")]
    public async Task What_was_taken_from_the_end_is_still_missed_after_others_have_written(string how)
    {
        switch (how)
        {
            case "removed":
                Edit(lines => lines.RemoveRange(6, 2));
                break;
            case "replaced":
                Edit(lines => lines[7] = Forged(lines[7].Replace("job-8", "job-9", StringComparison.Ordinal)));
                break;
            case "all":
                File.Delete(TrailFile);
                break;
            case "head":
                File.Delete(Path.Combine(_state, "audit.head"));
                Edit(lines => lines.RemoveRange(6, 2));
                break;
            default:
                // Not as if a writer had died: the head knows the line.
                Edit(lines => lines[7] = lines[7].Replace("job-8", "job-9", StringComparison.Ordinal));
                break;
        }
        using (var trail = new AuditTrail(_state, TimeProvider.System))
        {
            for (var later = 0; later < 3; later++)
                await trail.AppendAsync(Trail.Entry("later"), TestContext.Current.CancellationToken);
        }

        var report = Trail.Verify(_state);
        Assert.Contains(
            report.Faults,
            fault =>
                fault.What.Contains(
                    how == "head" ? "audit.head was missing at" : "when the next writer missed them",
                    StringComparison.Ordinal
                )
        );
        // No more than that: what was written since goes on from there.
        Assert.Equal(1, report.FaultCount);
    }

    [Fact]
    public void A_trail_that_was_written_anew_as_a_whole_is_found_by_a_hash_that_was_kept_elsewhere()
    {
        var kept = Trail.Verify(_state).Head;
        Assert.Equal(0, Trail.Verify(_state, kept).FaultCount);
        Edit(lines =>
        {
            var previous = AuditLine.NoHash;
            foreach (var (index, line) in lines.ToList().Index())
            {
                lines[index] = Forged(
                    System.Text.RegularExpressions.Regex.Replace(
                        line.Replace("job-4", "job-5", StringComparison.Ordinal),
                        "\"prev\":\"[0-9a-f]+\"",
                        $"\"prev\":\"{previous}\""
                    )
                );
                previous = AuditLine.Read(Encoding.ASCII.GetBytes(lines[index]))!.Hash;
            }
            File.WriteAllText(Path.Combine(_state, "audit.head"), $"{8:D20} {previous}\n");
        });

        // The limit of a chain, as the documentation says it: whoever writes all of it anew is found by nothing in it.
        Assert.Equal(0, Trail.Verify(_state).FaultCount);
        Assert.Contains("no line has the hash", Assert.Single(Trail.Verify(_state, kept).Faults).What);
    }

    private void Edit(Action<List<string>> edit)
    {
        var lines = File.ReadAllLines(TrailFile).ToList();
        edit(lines);
        File.WriteAllText(TrailFile, string.Concat(lines.Select(line => line + "\n")));
    }

    private static string Forged(string line)
    {
        var body = line[..line.LastIndexOf(",\"hash\":\"", StringComparison.Ordinal)];
        return $"{body},\"hash\":\"{AuditLine.Digest(Encoding.ASCII.GetBytes(body + "}"))}\"}}";
    }

    private void ShouldFind(long line, string what)
    {
        var report = Trail.Verify(_state);
        Assert.NotEqual(0, report.FaultCount);
        Assert.Contains(report.Faults, fault => fault.Line == line && fault.What.Contains(what, StringComparison.Ordinal));
    }
}
