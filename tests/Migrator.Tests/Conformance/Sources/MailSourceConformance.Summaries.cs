using System.Text;
using Migrator.Core.Mail;
using Migrator.Tests.Archives;
using Migrator.Tests.Corpus;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>What a source reports about messages besides their bytes.</summary>
public abstract partial class MailSourceConformance
{
    private static readonly (string Flags, string Date)[] s_marked =
    [
        ("", "2024-05-06T07:08:09Z"),
        ("\\Seen", "1999-12-31T23:59:59Z"),
        ("\\Answered \\Flagged \\Seen \\Draft", "2010-06-15T12:34:56+12:45"),
        ("\\Deleted", "1970-01-02T00:00:01Z"),
        ("$Forwarded NonJunk", "2022-03-27T02:30:00+01:00"),
        ("\\Flagged Keyword", "2001-02-03T04:05:06-09:30"),
    ];

    [Fact]
    public async Task Flags_and_dates_come_as_they_are()
    {
        await AddAsync([.. s_marked.Select((marked, number) => Letter(number, marked.Flags, DateTimeOffset.Parse(marked.Date, null)))]);
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);

        var summaries = await session.FetchSummariesAsync(uids, Stop);

        Assert.Equal(
            s_marked.Select(marked => Traits.FlagsAndDates ? FlagSet.Parse(marked.Flags) : FlagSet.None),
            summaries.Select(summary => summary.Flags)
        );
        Assert.Equal(
            s_marked.Select(marked => Traits.FlagsAndDates ? DateTimeOffset.Parse(marked.Date, null) : DateTimeOffset.UnixEpoch),
            summaries.Select(summary => summary.InternalDate)
        );
        Assert.All(summaries, summary => Assert.Equal((null, null, null), (summary.OddDate, summary.OddFlags, summary.Origin)));
        Assert.Equal(
            Traits.FlagsAndDates ? summaries.Select(summary => (summary.Uid, summary.Flags)) : [],
            await session.FetchFlagsAsync(uids, 0, Stop)
        );
    }

    [Fact]
    public async Task Summaries_ascend_each_once_in_whatever_order_they_are_asked_for()
    {
        await FillAsync(1, 5);
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);
        Uid[] asked = [uids[3], uids[0], uids[3], new Uid(uids[^1].Value + 9), uids[2]];

        Assert.Equal([uids[0], uids[2], uids[3]], (await session.FetchSummariesAsync(asked, Stop)).Select(summary => summary.Uid));
        Assert.Equal(
            Traits.FlagsAndDates ? [uids[0], uids[2], uids[3]] : [],
            (await session.FetchFlagsAsync(asked, 0, Stop)).Select(flags => flags.Uid).Order()
        );
        Assert.Equal(Traits.Subjects ? [uids[0], uids[2], uids[3]] : [], (await session.FetchSubjectsAsync(asked, Stop)).Keys.Order());
    }

    [Fact]
    public async Task A_change_of_flags_since_a_moment_is_among_what_is_reported_of_it()
    {
        await FillAsync(1, 4);
        var before = await ConnectAsync();
        var since = (await before.OpenAsync(FolderPath.Inbox, Stop)).HighestModSeq;
        var uids = await before.ListUidsAsync(0, Stop);
        await Mailbox.SetFlagsAsync(FolderPath.Inbox, uids[1], "\\Flagged later");
        var session = await OpenAsync();

        var changed = await session.FetchFlagsAsync(uids, since, Stop);

        var expected = uids.Select(uid => (uid, uid == uids[1] ? FlagSet.Parse("\\Flagged later") : FlagSet.None));
        // With mod-sequences, of the one that changed; without, of all; where there are no flags, of none.
        Assert.Equal(
            !Traits.FlagsAndDates ? []
                : since > 0 ? expected.Where(one => one.uid == uids[1])
                : expected,
            changed.OrderBy(one => one.Uid)
        );
        if (Traits.FlagsAndDates)
            Assert.Equal(expected, (await session.FetchFlagsAsync(uids, 0, Stop)).OrderBy(one => one.Uid));
    }

    [Fact]
    public async Task Subjects_are_decoded_and_left_out_where_there_is_none()
    {
        string[] headers =
        [
            "Subject: plain",
            "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=",
            "subject: =?iso-8859-1?B?R3L832U=?= and more",
            "Subject: folded\r\n over lines",
            "From: nobody@example.org",
            "X-Subject: other",
            "From: a@example.org\r\nSubject:tight",
        ];
        await AddAsync([
            .. headers.Select(
                (header, number) =>
                    new OddMessage(header, Encoding.ASCII.GetBytes($"{header}\r\nX-Number: {number}\r\n\r\nSubject: not this\r\n"))
            ),
        ]);
        var session = await OpenAsync();
        var uids = await session.ListUidsAsync(0, Stop);

        var subjects = await session.FetchSubjectsAsync([.. uids, uids[^1].Next], Stop);

        (int, string)[] expected = [(0, "plain"), (1, "Grüße"), (2, "Grüße and more"), (3, "folded over lines"), (6, "tight")];
        Assert.Equal(
            Traits.Subjects ? expected : [],
            subjects.OrderBy(subject => subject.Key).Select(subject => (uids.ToList().IndexOf(subject.Key), subject.Value))
        );
    }

    [Fact]
    public async Task Reading_changes_nothing_and_every_call_may_be_repeated()
    {
        await AddAsync([.. s_marked.Select((marked, number) => Letter(number, marked.Flags, DateTimeOffset.Parse(marked.Date, null)))]);
        var before = await Mailbox.ViewAsync();
        var session = await ConnectAsync();

        var first = await MailboxImage.TakeAsync(session, Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        await session.FetchSubjectsAsync(await session.ListUidsAsync(0, Stop), Stop);
        await session.FetchFlagsAsync(await session.ListUidsAsync(0, Stop), 0, Stop);
        var again = await MailboxImage.TakeAsync(session, Stop);

        MailboxImage.ShouldEqual(first, again);
        Assert.Equal(before, await Mailbox.ViewAsync());
        Assert.Null(await session.ShortfallAsync(Stop));
        Assert.Empty(session.ListingNotices);
    }
}
