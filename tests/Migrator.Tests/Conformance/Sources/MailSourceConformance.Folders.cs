using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

/// <summary>Listing and opening folders.</summary>
public abstract partial class MailSourceConformance
{
    private static readonly FolderPath s_missing = FolderPath.Parse("Missing/Folder");

    public static TheoryData<string> OddNames =>
        [
            "Work",
            "a b",
            "München",
            "日本語",
            "😀",
            "R&D",
            "&",
            "a.b",
            "100%",
            "star*",
            "quo\"te",
            "back\\\\slash",
            "~tilde",
            "#hash",
            "{brace}",
            "(paren)",
            "]bracket",
            "new",
            "cur",
            "tmp",
            "CON",
            "inbox2",
            "Deep/er/and/deeper",
            "INBOX/below",
            "a:b",
            "e\u0301",
            "[Gmail]",
            "semi;colon",
            "-dash",
            "'",
            "a?b",
            "<a|b>",
            "trailing.",
            "x=y&z",
            "$(id)",
            "+plus",
            "NIL",
        ];

    [Fact]
    public async Task A_new_mailbox_has_an_INBOX_without_messages()
    {
        var session = await ConnectAsync();

        var inbox = Assert.Single(await session.ListFoldersAsync(Stop), folder => folder.Path.IsInbox);

        Assert.Equal((SpecialUse.Inbox, true, NamespaceKind.Private), (inbox.Use, inbox.Selectable, inbox.Namespace));
        Assert.Equal(0, (await session.OpenAsync(FolderPath.Inbox, Stop)).Count);
        Assert.Empty(await session.ListUidsAsync(0, Stop));
        Assert.Empty(await session.FetchSummariesAsync([1], Stop));
        Assert.Empty(await session.FetchFlagsAsync([1], 0, Stop));
        Assert.Empty(await session.FetchSubjectsAsync([1], Stop));
        Assert.Empty((await FetchAsync(session, 1)).Received);
    }

    [Theory]
    [MemberData(nameof(OddNames))]
    public async Task A_folder_is_listed_once_and_opened_by_its_name(string text)
    {
        var path = FolderPath.Parse(text);
        if (!Traits.Folders)
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => Mailbox.AddFolderAsync(path));
            await AssertMissingAsync(await ConnectAsync(), path);
            return;
        }
        if (Traits.UnheldNames.Contains(text))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Mailbox.AddFolderAsync(path));
            return;
        }
        await Mailbox.AddFolderAsync(path);
        await Mailbox.AddAsync(path, [Letter(7)]);
        var session = await ConnectAsync();

        var listed = Assert.Single(await session.ListFoldersAsync(Stop), folder => folder.Path == path);
        var state = await session.OpenAsync(path, Stop);

        Assert.True(listed.Selectable);
        Assert.Equal(1, state.Count);
        Assert.Single((await FetchAsync(session)).Received);
    }

    [Fact]
    public async Task Each_folder_is_listed_once_and_opens_exactly_where_it_is_selectable()
    {
        if (Traits.Folders)
        {
            // What is above some of them may be a folder and may be none.
            foreach (var path in new[] { "Work", "Work/2024", "Lists/One/Two", "Lists/Three" })
                await Mailbox.AddFolderAsync(FolderPath.Parse(path));
        }
        var session = await ConnectAsync();

        var folders = await session.ListFoldersAsync(Stop);

        Assert.Distinct(folders.Select(folder => folder.Path));
        Assert.Superset(
            new HashSet<string>(Traits.Folders ? ["INBOX", "Work", "Work/2024", "Lists/One/Two", "Lists/Three"] : ["INBOX"]),
            folders.Select(folder => folder.Path.ToString()).ToHashSet()
        );
        Assert.Equal(Traits.Folders, folders.Count > 1);
        foreach (var folder in folders)
        {
            var refused = await Record.ExceptionAsync(() => session.OpenAsync(folder.Path, Stop));
            Assert.True(
                folder.Selectable
                    ? refused is null
                    : refused is MailException { Reason: var reason } && (reason == Reason.FolderMissing || reason == Reason.FolderRefused),
                $"{folder}: {refused}"
            );
            if (!folder.Selectable)
                Assert.Null(folder.State);
        }
    }

    [Fact]
    public async Task The_listing_says_what_opening_says()
    {
        await FillAsync(1, 3);
        if (Traits.Folders)
        {
            await Mailbox.AddFolderAsync(FolderPath.Parse("Work"));
            await Mailbox.AddAsync(FolderPath.Parse("Work"), [Letter(1)]);
        }
        var session = await ConnectAsync();

        foreach (var folder in (await session.ListFoldersAsync(Stop)).Where(folder => folder.Selectable))
        {
            var state = await session.OpenAsync(folder.Path, Stop);
            Assert.Equal(Traits.ListedStates ? state : null, folder.State);
            Assert.True(state.UidValidity.IsKnown);
        }
    }

    [Fact]
    public async Task A_missing_folder_fails_alone()
    {
        await FillAsync(1, 1);
        var session = await OpenAsync();

        await AssertMissingAsync(session, s_missing);

        Assert.Equal(1, (await session.OpenAsync(FolderPath.Inbox, Stop)).Count);
        Assert.Single((await FetchAsync(session)).Received);
    }

    [Fact]
    public async Task Without_an_open_folder_nothing_is_read()
    {
        await FillAsync(1, 1);
        var session = await ConnectAsync();

        await AssertNothingIsOpenAsync(session);
    }

    [Fact]
    public async Task After_a_folder_that_could_not_be_opened_no_other_is_open()
    {
        await FillAsync(1, 1);
        var session = await OpenAsync();

        await AssertMissingAsync(session, s_missing);

        await AssertNothingIsOpenAsync(session);
    }

    [Fact]
    public async Task INBOX_is_the_same_in_any_letters()
    {
        await FillAsync(1, 2);
        var session = await ConnectAsync();

        Assert.Equal(2, (await session.OpenAsync(new FolderPath(["inBox"]), Stop)).Count);
    }

    [Fact]
    public async Task Folders_are_distinguished()
    {
        if (!Traits.Folders)
        {
            await AssertMissingAsync(await ConnectAsync(), FolderPath.Parse("A"));
            return;
        }
        // Each is read several times, in turns: what belongs to one must not be taken for another's.
        foreach (var (name, first, count) in new[] { ("A", 10, 2), ("B", 20, 3) })
        {
            await Mailbox.AddFolderAsync(FolderPath.Parse(name));
            await Mailbox.AddAsync(FolderPath.Parse(name), [.. Enumerable.Range(first, count).Select(number => Letter(number))]);
        }
        var session = await ConnectAsync();

        for (var turn = 0; turn < 2; turn++)
        {
            foreach (var (name, first, count) in new[] { ("A", 10, 2), ("B", 20, 3) })
            {
                await session.OpenAsync(FolderPath.Parse(name), Stop);
                Assert.Equal(
                    Enumerable.Range(first, count).Select(number => Letter(number).Bytes),
                    (await FetchAsync(session)).Received.Select(message => message.Bytes)
                );
            }
        }
    }

    private static async Task AssertMissingAsync(IMailSource session, FolderPath path)
    {
        var exception = await Assert.ThrowsAsync<MailException>(() => session.OpenAsync(path, Stop));
        Assert.Equal((Reason.FolderMissing, FailureScope.Folder), (exception.Reason, exception.Reason.Scope));
    }

    private static async Task AssertNothingIsOpenAsync(IMailSource session)
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.ListUidsAsync(0, Stop));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.FetchSummariesAsync([1], Stop));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.FetchFlagsAsync([1], 0, Stop));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.FetchAsync([1], new WatchedReceiver(), Stop));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.FetchSubjectsAsync([1], Stop));
    }
}
