using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Mail;

public sealed class UidSetTests
{
    [Fact]
    public void Operations_are_those_of_sets()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var (one, other) = (Some(random), Some(random));
            var (left, right) = (UidSet.Of(one), UidSet.Of(other));

            Assert.Equal(one.Order().Distinct(), left);
            Assert.Equal(one.Distinct().Count(), left.Count);
            Assert.Equal(one.Except(other).Order(), left.Except(right));
            Assert.Equal(one.Intersect(other).Order(), left.Intersect(right));
            Assert.Equal(one.Union(other).Order(), left.Union(right));
            Assert.Equal(left.Reverse(), left.Descending());
            for (Uid uid = 0; uid < 45; uid = uid.Next)
            {
                Assert.Equal(one.Contains(uid), left.Contains(uid));
                Assert.Equal(left.ToList().IndexOf(uid), left.IndexOf(uid));
                Assert.Equal(left.Where(own => own >= uid), left.From(uid));
                Assert.Equal(left.Count(own => own <= uid), left.CountTo(uid));
            }
            Assert.Equal(left.ToList(), Enumerable.Range(0, left.Count).Select(place => left[place]));
            Assert.Throws<ArgumentOutOfRangeException>(() => left[left.Count]);
        }
    }

    [Fact]
    public void Neighbours_are_one_range()
    {
        UidSet set = [7, 5, 4, 6, 1, 1, 9];

        Assert.Equal([new UidRange(1, 1), new UidRange(4, 7), new UidRange(9, 9)], set.Ranges);
        Assert.Equal("1,4:7,9", set.ToString());
        Assert.Equal("1:9", UidSet.Of([new UidRange(3, 9), new UidRange(1, 4), new UidRange(5, 6)]).ToString());
    }

    [Fact]
    public void The_highest_UID_there_can_be_ends_no_loop_and_begins_none_again()
    {
        var all = UidSet.Of([new UidRange(Uid.Min, Uid.Max)]);
        UidSet end = [uint.MaxValue - 1, Uid.Max];

        Assert.Equal("1:4294967293", all.Except(end).ToString());
        Assert.Equal([uint.MaxValue - 1, Uid.Max], all.Intersect(end));
        Assert.Equal([Uid.Max, uint.MaxValue - 1], end.Descending());
        Assert.Equal([Uid.Max], end.From(Uid.Max));
        Assert.Equal([0, 1, 2], new Uid[] { 7, uint.MaxValue - 1, Uid.Max }.Select(end.CountTo));
        Assert.Empty(end.Except(all));
        Assert.True(all.Contains(Uid.Max) && !all.Contains(0));
        // What a server claims in a line of a few bytes: more than a list can hold.
        Assert.Throws<OverflowException>(() => all.Count);
    }

    private static List<Uid> Some(Random random) =>
        [.. Enumerable.Range(0, random.Next(40)).Select(_ => new Uid((uint)random.Next(1, 41)))];
}
