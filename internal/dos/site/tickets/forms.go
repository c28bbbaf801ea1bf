package tickets

import (
	"strconv"

	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/frame/attach"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	onePath = frame.TicketsPage + "/{id}"
	yes     = "yes"
	// overduePath leads to the tickets that should have been dealt with.
	overduePath = frame.TicketsPage + "?which=" + string(ticket.OverdueOnes)
	// elsewherePath leads to those that are not in ServiceNow as they are here.
	elsewherePath = frame.TicketsPage + "?which=" + string(ticket.Elsewhere)
)

// listForm filters the tickets. What is chosen stands in the address.
var listForm = form.Form{Path: frame.TicketsPage, Get: true, Attributes: map[string]any{"class": "signpost-filters"},
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "q", Label: nhsuk.LabelParams{Text: "Number or email address", Size: "s"}, Autocomplete: "off",
			Spellcheck: "false",
		}),
		form.Select(nhsuk.SelectParams{Name: "which", Label: nhsuk.LabelParams{Text: "Which", Size: "s"},
			Items: []nhsuk.SelectItem{
				{Text: "To be dealt with"}, {Value: string(ticket.OverdueOnes), Text: "Overdue"},
				{Value: string(ticket.WithPerson), Text: "Waiting for the person"},
				{Value: string(ticket.Done), Text: "Solved or merged"}, {Value: string(ticket.All), Text: "All"},
				{Value: string(ticket.Elsewhere), Text: "Not the same in ServiceNow"},
			}}),
		form.Select(nhsuk.SelectParams{Name: "category", Label: nhsuk.LabelParams{Text: "About", Size: "s"},
			Items: append([]nhsuk.SelectItem{{Text: "Anything"}}, categoryItems()...)}),
		form.Select(nhsuk.SelectParams{Name: "priority", Label: nhsuk.LabelParams{Text: "Priority", Size: "s"},
			Items: append([]nhsuk.SelectItem{{Text: "Any"}}, priorityItems()...)}),
		form.Select(nhsuk.SelectParams{Name: "assigned", Label: nhsuk.LabelParams{Text: "Assigned to", Size: "s"},
			Items: []nhsuk.SelectItem{{Text: "Anybody or nobody"}, {Value: ticket.ToMe, Text: "Me"},
				{Value: ticket.ToNobody, Text: "Nobody"}}}),
	}}

func categoryItems() (items []nhsuk.SelectItem) {
	for _, one := range ticket.Categories {
		items = append(items, nhsuk.SelectItem{Value: string(one.Category), Text: one.Title})
	}
	return items
}

func priorityItems() (items []nhsuk.SelectItem) {
	for _, one := range ticket.Priorities {
		items = append(items, nhsuk.SelectItem{Value: strconv.Itoa(int(one.Priority)), Text: one.Title})
	}
	return items
}

func stateItems() (items []nhsuk.SelectItem) {
	for _, one := range ticket.States {
		if one.State != ticket.Merged {
			items = append(items, nhsuk.SelectItem{Value: string(one.State), Text: one.Title})
		}
	}
	return items
}

// callForm raises a ticket for a caller.
var callForm = form.Form{Path: frame.TicketsPage + "/new", Page: "Raise a ticket for a caller", Act: "Raise the ticket",
	Fields: []form.Field{
		form.Hidden("account"),
		form.Input(nhsuk.InputParams{
			Name: "name", Label: nhsuk.LabelParams{Text: "Name of the caller", Size: "s"}, Autocomplete: "off",
			Spellcheck: "false",
		}).Required("Enter the name of the caller"),
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Email address (optional)", Size: "s"},
			Hint: "Without one they get no answers, and cannot follow the ticket", Autocomplete: "off",
			Spellcheck: "false",
		}),
		form.Input(nhsuk.InputParams{
			Name: "phone", Type: "tel", Label: nhsuk.LabelParams{Text: "Telephone number (optional)", Size: "s"},
			Autocomplete: "off", Width: 20,
		}),
		form.Select(nhsuk.SelectParams{Name: "category", Label: nhsuk.LabelParams{Text: "About", Size: "s"},
			Items: append([]nhsuk.SelectItem{{Text: "Choose one"}}, categoryItems()...)}).
			Required("Choose what it is about"),
		form.Input(nhsuk.InputParams{
			Name: "subject", Label: nhsuk.LabelParams{Text: "Short description", Size: "s"}, Autocomplete: "off",
		}).Required("Enter a short description"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "text", Rows: 5, Label: nhsuk.LabelParams{Text: "What the caller says", Size: "s"},
			Hint: "They read it in their ticket as what they said. Write what only the desk should read in a note",
		}).Required("Enter what the caller says"),
		form.Input(nhsuk.InputParams{
			Name: "reference", Label: nhsuk.LabelParams{Text: "Reference (optional)", Size: "s"}, Width: 10,
			Hint: "That they read out, such as KDF7 2M9X", Autocomplete: "off", Spellcheck: "false",
		}),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "urgent", Items: []nhsuk.CheckboxItem{{Value: yes,
			Text: "They cannot work until this is solved"}}}),
	}}

// The names of what a ticket's page asks, and of the buttons that send its form.
const (
	replyField    = "reply"
	textField     = "text"
	thenField     = "then"
	noteField     = "note"
	stateField    = "state"
	priorityField = "priority"
	categoryField = "category"
	assignedField = "assigned"

	addReply   = "add-reply" // puts the saved reply below what is written
	sendAnswer = "send-answer"
	saveNote   = "save-note"
	saveSet    = "save-set"
	mergeInto  = "into" // has the id of the ticket in which this one goes on
)

// workForm is all that a ticket's page asks, so that nothing that was typed is lost by what is sent of it.
var workForm = form.Form{Path: onePath + "/work", At: onePath, Page: "Ticket", Act: "Save", MaxBytes: attach.MaxBytes,
	Fields: []form.Field{
		form.Seen(),
		form.Select(nhsuk.SelectParams{
			Name: replyField, Label: nhsuk.LabelParams{Text: "Saved reply (optional)", Size: "s"},
			Items: replyItems(),
		}),
		form.Button(nhsuk.ButtonParams{
			Text: "Add it to the answer", Name: addReply, Value: yes, Variant: "secondary", Small: true,
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: textField, Rows: 8, Label: nhsuk.LabelParams{Text: "Answer to the person", Size: "s"},
			Hint: "It is mailed. Never ask for a password or a code",
		}).Required("Enter an answer"),
		form.Radios(nhsuk.RadiosParams{
			Name: thenField, Value: string(ticket.Waiting),
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Then the ticket", Size: "s"}},
			Items: []nhsuk.RadioItem{
				{Value: string(ticket.Waiting), Text: "waits for the person"},
				{Value: string(ticket.Open), Text: "stays with us"},
				{Value: string(ticket.Solved), Text: "is solved"},
			},
		}).Required("Choose what becomes of the ticket"),
		attach.Field(),
		form.Button(nhsuk.ButtonParams{
			Text: "Send the answer", Name: sendAnswer, Value: yes, PreventDoubleClick: true,
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: noteField, Rows: 3, Label: nhsuk.LabelParams{Text: "Note for the service desk", Size: "s"},
			Hint: "The person does not see it",
		}).Required("Enter a note"),
		form.Button(nhsuk.ButtonParams{
			Text: "Save the note", Name: saveNote, Value: yes, Variant: "secondary", PreventDoubleClick: true,
		}),
		form.Select(nhsuk.SelectParams{Name: stateField, Label: nhsuk.LabelParams{Text: "State", Size: "s"},
			Items: stateItems()}).Required("Choose a state"),
		form.Select(nhsuk.SelectParams{Name: priorityField, Label: nhsuk.LabelParams{Text: "Priority", Size: "s"},
			Items: priorityItems()}).Required("Choose a priority"),
		form.Select(nhsuk.SelectParams{Name: categoryField, Label: nhsuk.LabelParams{Text: "About", Size: "s"},
			Items: categoryItems()}).Required("Choose what it is about"),
		form.Select(nhsuk.SelectParams{Name: assignedField, Label: nhsuk.LabelParams{Text: "Assigned to", Size: "s"},
			Items: []nhsuk.SelectItem{{Text: "As it is"}, {Value: ticket.ToMe, Text: "Me"},
				{Value: ticket.ToNobody, Text: "Nobody"}}}),
		form.Button(nhsuk.ButtonParams{
			Text: "Save", Name: saveSet, Value: yes, Variant: "secondary", PreventDoubleClick: true,
		}),
		form.Button(nhsuk.ButtonParams{Text: "Merge this ticket", Name: mergeInto}), // one for each other ticket
	}}

var unmergeForm = form.Form{Path: onePath + "/unmerge", At: onePath}

// The fields of each part of the page, the last of which say how the ticket is.
var (
	answerFields = []string{replyField, textField, thenField, attach.Name}
	noteFields   = []string{noteField}
	setFields    = []string{stateField, priorityField, categoryField, assignedField}
)
