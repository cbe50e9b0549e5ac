using System.Text.Json;
using System.Text.Json.Nodes;
using Migrator.App.Formatting;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Xunit;

namespace Migrator.Tests.Reports;

public sealed class ReportJsonTests
{
    [Fact]
    public void A_run_report_has_the_documented_names()
    {
        var json = JsonSerializer.SerializeToNode(Samples.Run(), ReportJson.Indented)!.AsObject();
        Assert.Equal(
            "schema kind job source target started finished outcome folders failures differences notices stopped operation "
                + "problems upkeep differenceCounts leftForLater followed removedAtSource removalUnconfirmed replacedAtSource total",
            Names(json)
        );
        Assert.Equal("found delivered alreadyThere vanished skipped failed remaining deliveredBytes", Names(json["total"]!));
        Assert.Equal("source target counts failure", Names(json["folders"]![1]!));
        Assert.Equal("code detail hint", Names(json["folders"]![1]!["failure"]!));
        Assert.Equal("folder uid subject size failure file", Names(json["failures"]![0]!));
        Assert.Equal("kind folder uid targetFolder targetUid expected actual subject file", Names(json["differences"]![0]!));
        Assert.Equal("flags", Names(json["differenceCounts"]!));
        Assert.Equal(
            (ReportJson.Schema, "run", "partial", "flags"),
            ((int)json["schema"]!, (string)json["kind"]!, (string)json["outcome"]!, (string)json["differences"]![0]!["kind"]!)
        );
        Assert.Equal("<script>alert(1)<\\/script>", (string)json["folders"]![0]!["source"]!);
    }

    [Fact]
    public void A_verify_report_has_the_documented_names()
    {
        var folder = Samples.Verify(1).Folders[0].Target;
        var report = Samples.Verify(1) with
        {
            Tolerated = [new(folder, 1, folder, new TargetUid(2), MatchedBy.Content, [Rewrite.DatesByHeader], "")],
        };
        var json = JsonSerializer.SerializeToNode(report, ReportJson.Indented)!.AsObject();
        Assert.Equal(
            "schema kind job source target started finished folders differences notices operation identical moved "
                + "tolerates tolerated toleratedCounts stopped shortfall",
            Names(json)
        );
        Assert.Equal(
            "source target targetExists sourceMessages targetMessages sourceBytes matched missing altered flagsDiffer "
                + "datesDiffer extra duplicates trashed leftOut tolerated failure identical",
            Names(json["folders"]![0]!)
        );
        Assert.Equal("folder uid targetFolder targetUid matchedBy rewrites detail", Names(json["tolerated"]![0]!));
        Assert.Equal("messages headersAdded lineEnds datesByHeader", Names(json["toleratedCounts"]!));
        Assert.Equal("verify", (string)json["kind"]!);
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var run = JsonSerializer.Serialize(
            Samples.Run(RunOutcome.Aborted, new("authentication-failed", "NO", "Check it.")),
            ReportJson.Indented
        );
        Assert.Equal(run, JsonSerializer.Serialize(JsonSerializer.Deserialize<RunReport>(run, ReportJson.Indented), ReportJson.Indented));
        var verify = JsonSerializer.Serialize(Samples.Verify(30), ReportJson.OneLine);
        Assert.Equal(
            verify,
            JsonSerializer.Serialize(JsonSerializer.Deserialize<VerifyReport>(verify, ReportJson.OneLine), ReportJson.OneLine)
        );
        Assert.Contains("\"subject\":\"\\u05E9", verify);
        Assert.True(System.Text.Ascii.IsValid(run));
    }

    private static string Names(JsonNode node) => string.Join(' ', node.AsObject().Select(property => property.Key));
}
