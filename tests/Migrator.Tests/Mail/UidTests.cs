using System.Text.Json;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Mail;

public sealed class UidTests
{
    [Fact]
    public void After_the_highest_UID_none_begins_again_at_zero()
    {
        Assert.Equal([8, Uid.Max, Uid.Max], new Uid[] { 7, uint.MaxValue - 1, Uid.Max }.Select(uid => uid.Next));
        Assert.Equal(TargetUid.Max, TargetUid.Max.Next);
    }

    [Fact]
    public void UIDs_are_in_the_order_of_numbers_not_of_text()
    {
        Assert.Equal(
            [9, 10, 4_000_000_000],
            new Uid[] { 4_000_000_000, 9, 10 }
                .Order()
                .ToList()
        );
        Assert.Equal(
            [9, 10, 4_000_000_000],
            new TargetUid[] { 4_000_000_000, 9, 10 }
                .Order()
                .ToList()
        );
        Assert.Equal(
            [9, 10, 4_000_000_000],
            new UidValidity[] { 4_000_000_000, 9, 10 }
                .Order()
                .ToList()
        );
    }

    [Fact]
    public void The_number_zero_is_no_UID()
    {
        Assert.False(default(Uid).IsKnown || default(TargetUid).IsKnown || default(UidValidity).IsKnown);
        Assert.True(Uid.Min.IsKnown && TargetUid.Min.IsKnown);
    }

    // Names of exported files are padded, so that they are listed in the order of their UIDs.
    [Fact]
    public void Text_is_digits_padded_where_that_is_asked_for()
    {
        Assert.Equal("1234567 0001234567 1234567", $"{new Uid(1_234_567)} {new Uid(1_234_567):D10} {new TargetUid(new Uid(1_234_567))}");
        Assert.Equal("1234567", $"{new UidValidity(1_234_567)}");
    }

    [Fact]
    public void In_JSON_they_are_numbers()
    {
        Assert.Equal("4294967295", JsonSerializer.Serialize(Uid.Max));
        Assert.Equal("4294967295", JsonSerializer.Serialize(TargetUid.Max));
        Assert.Equal("4294967295", JsonSerializer.Serialize(new UidValidity(uint.MaxValue)));
        Assert.Equal(new Uid(7), JsonSerializer.Deserialize<Uid>("7"));
        Assert.Equal(new TargetUid(7), JsonSerializer.Deserialize<TargetUid>("7"));
        Assert.Equal(new UidValidity(7), JsonSerializer.Deserialize<UidValidity>("7"));
    }
}
