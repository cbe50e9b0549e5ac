using Migrator.Storage.Blobs.Azure;
using Xunit;

namespace Migrator.Tests.Storage;

/// <summary>What can be said of a shared access signature without asking anybody.</summary>
public sealed class SharedAccessTests
{
    private const string Good = "sv=2024-11-04&st=2026-01-01T00%3A00%3A00Z&se=2026-12-31T00%3A00%3A00Z&sr=c&sp=racwdl&sig=c2VjcmV0";

    private static readonly DateTimeOffset s_now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly AzurePermission[] s_all =
    [
        AzurePermission.Read,
        AzurePermission.List,
        AzurePermission.Write,
        AzurePermission.Delete,
    ];

    [Theory]
    [InlineData(Good)]
    [InlineData("?" + Good)]
    [InlineData("sv=2024-11-04&si=policy&sr=c&sig=x")]
    [InlineData("sv=2024-11-04&ss=b&srt=sco&sp=rwdl&se=2027-01-01&sig=x")]
    [InlineData("sv=2024-11-04&sr=c&sp=rwdl&se=2026-11-01T11%3A50%3A00Z&sig=x")]
    public void Nothing_is_said_against_one_that_may_do(string signature) =>
        Assert.Empty(SharedAccess.Parse(signature).Lacks(s_all, true, s_now));

    [Theory]
    [InlineData("sr=c&sp=rl&se=2027-01-01&sig=x", "lacks the permissions write (w), delete (d): \"sp\" is \"rl\"")]
    [InlineData("sr=c&sp=racwl&se=2027-01-01&sig=x", "lacks the permission delete (d): \"sp\" is \"racwl\"")]
    [InlineData(
        "sr=c&sp=rwdl&se=2026-10-31T22%3A00%3A00Z&sig=x",
        "it ended at 2026-10-31 22:00:00Z (\"se\"); by this machine's clock it is 2026-11-01 12:00:00Z"
    )]
    [InlineData("sr=c&sp=rwdl&se=2027-01-01&ske=2026-10-30T00%3A00%3A00Z&sig=x", "it ended at 2026-10-30 00:00:00Z")]
    [InlineData("sr=c&sp=rwdl&st=2026-12-01&se=2027-01-01&sig=x", "not valid before 2026-12-01 00:00:00Z (\"st\")")]
    [InlineData("sr=b&sp=rwdl&se=2027-01-01&sig=x", "for a single blob (\"sr\" is not \"c\")")]
    [InlineData("sr=d&sdd=1&sp=rwdl&se=2027-01-01&sig=x", "for a directory (\"sr\" is \"d\")")]
    [InlineData("ss=q&srt=sco&sp=rwdl&se=2027-01-01&sig=x", "it is not for blobs (\"ss\" has no \"b\")")]
    [InlineData("ss=b&srt=s&sp=rwdl&se=2027-01-01&sig=x", "lacks the resource types container (c) and object (o) in \"srt\"")]
    [InlineData("ss=b&srt=so&sp=rwdl&se=2027-01-01&sig=x", "lacks the resource types container (c) in \"srt\"")]
    public void What_it_lacks_is_named(string signature, string words) =>
        Assert.Contains(words, Assert.Single(SharedAccess.Parse(signature).Lacks(s_all, true, s_now)));

    [Fact]
    public void One_for_https_does_not_do_for_http() =>
        Assert.Contains("https only", Assert.Single(SharedAccess.Parse(Good + "&spr=https").Lacks(s_all, false, s_now)));

    [Fact]
    public void All_that_it_lacks_is_said_at_once() =>
        Assert.Equal(3, SharedAccess.Parse("sr=b&sp=r&se=2020-01-01&sig=x").Lacks(s_all, true, s_now).Count);

    [Fact]
    public void What_is_none_is_not_repeated()
    {
        var exception = Assert.Throws<ArgumentException>(() => SharedAccess.Parse("AccountKey=secret;x"));

        Assert.DoesNotContain("secret", exception.Message);
    }

    [Fact]
    public void One_of_the_account_is_distinguished_from_one_of_a_container()
    {
        Assert.True(SharedAccess.Parse("ss=b&srt=sco&sp=rwdl&sig=x").IsOfAccount);
        Assert.False(SharedAccess.Parse(Good).IsOfAccount);
    }
}
